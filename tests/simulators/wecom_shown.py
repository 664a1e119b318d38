"""What phones show of the messages of WeCom, which have been checked before."""

from collections.abc import Mapping
import html
from typing import Any

from .blocks import (
    Block,
    card_block,
    file_block,
    html_block,
    markdown_block,
    picture_block,
    stored_url,
    text_block,
)
from .wecom_accounts import Media


def message_blocks(
    service: str, body: Mapping[str, Any], media: Mapping[str, Media]
) -> list[Block]:
    """Return what phones show of a message.

    Args:
        service: name of the simulator.
        body: of the request.
        media: the uploaded files by ID.

    """
    kind = body["msgtype"]
    content = body[kind]
    match kind:
        case "text":
            return [text_block(content["content"])]
        case "markdown" | "markdown_v2":
            return [markdown_block(content["content"])]
        case "textcard":
            return [
                card_block(
                    title=content["title"],
                    html=content["description"],
                    url=content["url"],
                    label=content.get("btntxt") or "详情",
                )
            ]
        case "news":
            return [_article(article) for article in content["articles"]]
        case "mpnews":
            return [
                block
                for article in content["articles"]
                for block in _hosted_article(service, article)
            ]
        case "template_card":
            return [_template_card(content)]
        case "image" if "base64" in content:
            return [picture_block(f"data:image/png;base64,{content['base64']}")]
    return [
        *_caption(content),
        _file(service, kind, content["media_id"], media[content["media_id"]]),
    ]


def _caption(content: Mapping[str, Any]) -> list[Block]:
    """Return title and description of a video."""
    lines = [str(content[key]) for key in ("title", "description") if content.get(key)]
    return [text_block("\n".join(lines))] if lines else []


def _file(service: str, kind: str, media_id: str, media: Media) -> Block:
    """Return an uploaded file."""
    url = stored_url(service, media_id)
    if kind == "image":
        return picture_block(url)
    return file_block(media.filename, media.size, url)


def _article(article: Mapping[str, Any]) -> Block:
    """Return an article that links to a web page."""
    return card_block(
        picture=article.get("picurl"),
        title=article["title"],
        text=article.get("description"),
        url=article.get("url"),
    )


def _hosted_article(service: str, article: Mapping[str, Any]) -> list[Block]:
    """Return an article whose page WeCom hosts, and the page."""
    head = card_block(
        picture=stored_url(service, article["thumb_media_id"]),
        title=article["title"],
        text=article.get("digest"),
        url=article.get("content_source_url"),
    )
    author = article.get("author")
    written = f"<p><small>{html.escape(author)}</small></p>" if author else ""
    return [head, html_block(written + article["content"])]


def _template_card(card: Mapping[str, Any]) -> Block:
    """Return a template card."""
    main = _titled(card, "main_title", "desc")
    area = _part(card, "image_text_area")
    choices = [
        _choice(question, several=question.get("mode") == 1)
        for question in (card.get("checkbox"), card.get("button_selection"))
        if question
    ]
    choices += [_choice(question) for question in card.get("select_list", ())]
    return card_block(
        source=_part(card, "source").get("desc"),
        title=main["title"],
        text="\n".join(filter(None, (main["text"], card.get("sub_title_text")))),
        emphasis=_present(_titled(card, "emphasis_content", "desc")),
        quote=_present(_titled(card, "quote_area", "quote_text")),
        picture=_part(card, "card_image").get("url") or area.get("image_url"),
        rows=[
            {
                "name": row["keyname"],
                "value": row.get("value", ""),
                "url": row.get("url", ""),
            }
            for row in card.get("horizontal_content_list", ())
        ],
        items=[
            *([_titled(card, "image_text_area", "desc")] if area.get("title") else ()),
            *(
                {"title": item["title"], "text": item.get("desc", "")}
                for item in card.get("vertical_content_list", ())
            ),
        ],
        links=[
            {"title": link["title"], "url": link.get("url", "")}
            for link in card.get("jump_list", ())
        ],
        buttons=[
            {
                "text": button["text"],
                "style": button.get("style", 1),
                "url": button.get("url", ""),
            }
            for button in card.get("button_list", ())
        ],
        choices=choices,
        submit=_part(card, "submit_button").get("text"),
        url=_part(card, "card_action").get("url"),
    )


def _part(card: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part of a card; not all of them have been checked."""
    part = card.get(name)
    return part if isinstance(part, dict) else {}


def _titled(card: Mapping[str, Any], name: str, text: str) -> dict[str, str]:
    """Return title and text of a part; the text has its own name in each."""
    part = _part(card, name)
    return {"title": part.get("title", ""), "text": part.get(text, "")}


def _present(titled: dict[str, str]) -> dict[str, str] | None:
    """Return a part that says anything."""
    return titled if any(titled.values()) else None


def _choice(question: Mapping[str, Any], *, several: bool = False) -> dict[str, Any]:
    """Return a question with its options."""
    return {
        "title": question.get("title", ""),
        "several": several,
        "options": [option["text"] for option in question["option_list"]],
    }
