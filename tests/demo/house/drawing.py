"""What the cameras see."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

type Painter = Callable[[datetime], bytes]
type Colour = tuple[int, int, int]

WIDTH, HEIGHT = 960, 540


def draw_front_door(now: datetime) -> bytes:
    """Draw a visitor with a parcel at a door."""
    image = _gradient((214, 222, 228), (176, 188, 196))
    draw = ImageDraw.Draw(image)
    for row in range(0, 430, 36):
        draw.line((0, row, WIDTH, row), fill=(198, 207, 213), width=2)
        for column in range(-60 if row // 36 % 2 else 0, WIDTH, 120):
            draw.line((column, row, column, row + 36), fill=(198, 207, 213), width=2)
    draw.rectangle((0, 430, WIDTH, HEIGHT), fill=(128, 122, 114))
    draw.polygon(((0, 430), (WIDTH, 430), (WIDTH, 446), (0, 446)), fill=(150, 143, 134))
    # The door, with its window and handle.
    draw.rounded_rectangle((168, 84, 402, 436), 8, fill=(245, 243, 238))
    draw.rounded_rectangle((182, 98, 388, 436), 6, fill=(35, 84, 92))
    draw.rounded_rectangle((214, 130, 356, 250), 6, fill=(196, 223, 232))
    draw.line((285, 130, 285, 250), fill=(35, 84, 92), width=8)
    draw.rounded_rectangle((214, 282, 356, 404), 6, outline=(27, 66, 73), width=5)
    draw.ellipse((360, 270, 378, 288), fill=(229, 190, 92))
    draw.rounded_rectangle((150, 436, 420, 462), 6, fill=(92, 70, 52))
    # A lamp, the bell and a plant.
    draw.polygon(((452, 118), (492, 118), (504, 168), (440, 168)), fill=(58, 63, 70))
    draw.ellipse((454, 150, 490, 186), fill=(255, 231, 163))
    draw.rounded_rectangle((440, 258, 470, 312), 8, fill=(240, 240, 240))
    draw.ellipse((447, 276, 463, 292), fill=(64, 138, 216))
    draw.polygon(((60, 400), (128, 400), (116, 470), (72, 470)), fill=(190, 104, 66))
    for left, top in ((40, 330), (74, 296), (108, 334), (66, 350)):
        draw.ellipse((left, top, left + 52, top + 74), fill=(76, 138, 84))
    # The visitor.
    draw.ellipse((610, 128, 694, 212), fill=(232, 190, 160))
    draw.pieslice((602, 112, 702, 204), 180, 360, fill=(199, 62, 54))
    draw.rounded_rectangle((592, 152, 664, 166), 7, fill=(170, 46, 40))
    draw.rounded_rectangle((584, 216, 720, 402), 44, fill=(212, 74, 62))
    draw.rectangle((602, 380, 646, 494), fill=(48, 58, 78))
    draw.rectangle((660, 380, 704, 494), fill=(48, 58, 78))
    draw.rounded_rectangle((524, 268, 654, 366), 6, fill=(205, 160, 104))
    draw.rectangle((580, 268, 598, 366), fill=(226, 190, 140))
    draw.rounded_rectangle((600, 300, 700, 330), 15, fill=(190, 60, 50))
    return _finished(image, draw, "Front door", now)


def draw_garden(now: datetime) -> bytes:
    """Draw a fox in a garden at night."""
    image = _gradient((22, 32, 62), (86, 96, 128))
    draw = ImageDraw.Draw(image)
    for left, top in (
        (90, 70),
        (230, 120),
        (350, 50),
        (520, 96),
        (640, 40),
        (890, 130),
    ):
        draw.ellipse((left, top, left + 4, top + 4), fill=(240, 240, 220))
    draw.ellipse((404, 130, 484, 210), fill=(244, 238, 206))
    draw.ellipse((382, 120, 460, 198), fill=(39, 49, 80))
    for left, size in ((-40, 260), (130, 200), (700, 290), (520, 180)):
        draw.ellipse((left, 330 - size, left + size, 400), fill=(28, 52, 52))
    draw.rectangle((0, 360, WIDTH, HEIGHT), fill=(38, 66, 52))
    for left in range(0, WIDTH, 48):
        draw.polygon(
            ((left + 4, 390), (left + 22, 366), (left + 40, 390), (left + 40, 470),
             (left + 4, 470)),
            fill=(148, 140, 126),
        )  # fmt: skip
    draw.rectangle((0, 410, WIDTH, 424), fill=(124, 116, 104))
    draw.rectangle((0, 470, WIDTH, HEIGHT), fill=(48, 82, 60))
    # The fox.
    draw.ellipse((500, 414, 640, 486), fill=(208, 108, 48))
    draw.polygon(((486, 470), (352, 470), (440, 424), (520, 436)), fill=(196, 96, 42))
    draw.polygon(((352, 470), (400, 446), (404, 470)), fill=(244, 238, 230))
    draw.polygon(((612, 380), (700, 396), (716, 428), (660, 450), (606, 432)),
                 fill=(216, 116, 54))  # fmt: skip
    draw.polygon(((620, 388), (628, 346), (656, 388)), fill=(150, 70, 30))
    draw.polygon(((660, 394), (682, 354), (694, 402)), fill=(150, 70, 30))
    draw.ellipse((654, 404, 664, 414), fill=(255, 240, 160))
    draw.ellipse((704, 418, 718, 430), fill=(30, 24, 24))
    for left in (524, 560, 596, 620):
        draw.rectangle((left, 468, left + 14, 512), fill=(92, 44, 24))
    return _finished(image, draw, "Garden", now)


def _gradient(top: Colour, bottom: Colour) -> Image.Image:
    """Return a picture that changes from one colour to another one."""
    column = Image.new("RGB", (1, HEIGHT))
    for row in range(HEIGHT):
        share = row / HEIGHT
        colour = [round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True)]
        column.putpixel((0, row), (colour[0], colour[1], colour[2]))
    return column.resize((WIDTH, HEIGHT))


def _finished(
    image: Image.Image, draw: ImageDraw.ImageDraw, name: str, now: datetime
) -> bytes:
    """Write name and time into the picture; return it as JPEG."""
    font = ImageFont.load_default(26)
    text = f"{name}   {now:%Y-%m-%d %H:%M:%S}"
    draw.rectangle(
        (0, HEIGHT - 44, 24 + draw.textlength(text, font), HEIGHT), fill=(0, 0, 0)
    )
    draw.text((12, HEIGHT - 38), text, fill=(255, 255, 255), font=font)
    made = BytesIO()
    image.save(made, "JPEG", quality=85)
    return made.getvalue()
