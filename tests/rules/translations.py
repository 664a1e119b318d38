"""Rules for the translations, and for the icons and actions that go with them."""

from collections.abc import Iterator, Mapping
import re
from string import Formatter
from typing import Any

from .common import Json, Problems, differences, texts, unknown

CATEGORIES = (
    "common",
    "conditions",
    "config",
    "config_subentries",
    "device",
    "device_automation",
    "entity",
    "exceptions",
    "issues",
    "options",
    "selector",
    "services",
    "system_health",
    "title",
    "triggers",
)
FLOW_KEYS = (
    "abort",
    "create_entry",
    "error",
    "flow_title",
    "initiate_flow",
    "progress",
    "step",
)
SUBENTRY_KEYS = (*FLOW_KEYS, "entry_type")
SECTION_KEYS = ("data", "data_description", "description", "name")
STEP_KEYS = (
    "data",
    "data_description",
    "description",
    "menu_option_descriptions",
    "menu_options",
    "sections",
    "submit",
    "title",
)
ITEM_KEYS = {
    "device": ("name",),
    "exceptions": ("message",),
    "issues": ("description", "fix_flow", "title"),
    "selector": ("choices", "fields", "options", "unit_of_measurement"),
    "services": ("description", "fields", "name", "sections"),
}
# Of each provider's forms.
SHARED_SECTIONS = frozenset({"connection"})
SHARED_FIELDS = frozenset(
    {
        "emojis", "expires_after", "format", "name", "notify_actions", "optional",
        "overflow", "repeat", "retries", "retry_wait", "url", "when_down",
    }
)  # fmt: skip
ENTITY_KEYS = ("name", "state", "state_attributes", "unit_of_measurement")
ICON_KEYS = (
    "conditions",
    "config",
    "entity",
    "issues",
    "options",
    "services",
    "triggers",
)
ENTITY_ICON_KEYS = ("default", "range", "state", "state_attributes")
# Names stay as they are; nothing else may be left in English.
NAMES = re.compile(
    r"(?i)wxpusher|wecom|pushplus|pushjet|wechat push|home assistant|markdown|html"
    r"|webhook|(app|access)?_?token|secret|sendkey|(corp|agent)? ?id|spt|uid|api|url|tls|json"
    r"|qq|\bapp\b"
)
HAN = r"[\u3400-\u9fff\U00020000-\U0003ffff]"

_CHANGES = re.compile("reauth_|reconfigure_")
_LINK = re.compile(r"\]\([^)]*\)")
# Columns; a Chinese character takes two.
_MAX_TITLE = 26
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
# Text that no Chinese reader would set this way: half-width marks beside characters.
_HALF_WIDTH = re.compile(
    rf"{HAN}\s*[,;:!?\"'()]|{HAN}\s*\.(?!\w)|[,;:!?\"'()]\s*{HAN}|(?<!\d)\.\s+{HAN}"
)
# Menus of consoles in traditional texts, and a brand: as they are shown there.
_AS_SHOWN = re.compile("「[^」]*」|Server酱")
_MAINLAND = re.compile(
    "信息|默認|網絡|鏈接|服務器|端口|賬|登錄|用戶|郵箱|短信|視頻|屏幕|隊列|設備"
    "|攝像頭|文件夾|軟件|程序|二維碼|回調|字節|字符|集成|令牌(?<!好友令牌)|動作|支持|發送"
)
_MARKUP = {
    "HTML": re.compile(r"<[a-z/].*?>", re.IGNORECASE),
    "an address": re.compile(r"\w+://|\bwww\."),
    "a placeholder in quotes": re.compile(r"(['\"])\{\w+\}\1"),
    "a reference": re.compile(r"\[%key:"),
}


def shape(tree: Json, language: str, other: Json) -> Problems:
    """Another language says the same things as English."""
    yield from differences(
        "translations", "en", dict(texts(tree)), language, dict(texts(other))
    )


def same_placeholders(tree: Json, language: str, other: Json) -> Problems:
    """A text has the same placeholders in English and another language."""
    others = dict(texts(other))
    for path, text in texts(tree):
        if path in others:
            here, there = (
                _PLACEHOLDER.findall(str(one)) for one in (text, others[path])
            )
            yield from differences(path, "en", here, language, there)


def valid_placeholders(tree: Json) -> Problems:
    """A placeholder is a plain identifier."""
    for path, text in texts(tree):
        try:
            parts = list(Formatter().parse(str(text)))
        except ValueError as err:
            yield f"{path}: {err}"
            continue
        for _, name, form, conversion in parts:
            if name is not None and (not name.isidentifier() or form or conversion):
                yield f"{path}: {{{name}}} is not a plain name"


def clean_texts(tree: Json) -> Problems:
    """A text is not empty, and holds nothing that Home Assistant refuses."""
    for path, text in texts(tree):
        if not isinstance(text, str) or not text.strip():
            yield f"{path}: has no text"
            continue
        if text != text.strip():
            yield f"{path}: begins or ends with a space"
        for what, pattern in _MARKUP.items():
            if pattern.search(text):
                yield f"{path}: holds {what}"


def categories(tree: Json) -> Problems:
    """The top level holds only what Home Assistant looks for."""
    yield from unknown("translations", tree, CATEGORIES)


def _flows(tree: Json) -> Iterator[tuple[str, Json, tuple[str, ...]]]:
    """Yield every flow with its path and the keys that it may have."""
    for name in ("config", "options"):
        if name in tree:
            yield name, tree[name], FLOW_KEYS
    for name, flow in tree.get("config_subentries", {}).items():
        yield f"config_subentries.{name}", flow, SUBENTRY_KEYS
    for name, issue in tree.get("issues", {}).items():
        if "fix_flow" in issue:
            yield f"issues.{name}.fix_flow", issue["fix_flow"], FLOW_KEYS


def other_keys(tree: Json) -> Problems:
    """Everything beside the flows holds only what Home Assistant looks for."""
    for category, known in ITEM_KEYS.items():
        for name, item in tree.get(category, {}).items():
            yield from unknown(f"{category}.{name}", item, known)
    for platform, entities in tree.get("entity", {}).items():
        for name, entity in entities.items():
            yield from unknown(f"entity.{platform}.{name}", entity, ENTITY_KEYS)


def selector_fields(tree: Json) -> Problems:
    """Every field of an object selector has a name and a description."""
    for name, selector in tree.get("selector", {}).items():
        for key, field in selector.get("fields", {}).items():
            where = f"selector.{name}.fields.{key}"
            yield from differences(
                where, "it", field, "hassfest's schema", ("name", "description")
            )


def flow_keys(tree: Json) -> Problems:
    """Flows, steps and sections hold only what Home Assistant looks for."""
    for path, flow, known in _flows(tree):
        yield from unknown(path, flow, known)
        for name, step in flow.get("step", {}).items():
            yield from unknown(f"{path}.step.{name}", step, STEP_KEYS)
            for key, section in step.get("sections", {}).items():
                where = f"{path}.step.{name}.sections.{key}"
                yield from unknown(where, section, SECTION_KEYS)


def subentry_words(tree: Json) -> Problems:
    """A subentry has a name of its kind and a caption of the button that adds one."""
    for name, flow in tree.get("config_subentries", {}).items():
        if "entry_type" not in flow:
            yield f"config_subentries.{name}: entry_type is missing"
        if "user" not in flow.get("initiate_flow", {}):
            yield f"config_subentries.{name}: initiate_flow.user is missing"


def step_fields(tree: Json) -> Problems:
    """Every field of a step has a label and a description."""
    for path, flow, _ in _flows(tree):
        for name, step in flow.get("step", {}).items():
            where = f"{path}.step.{name}"
            yield from _pairs(where, step, "data", "data_description")
            if "menu_option_descriptions" in step:
                yield from _pairs(
                    where, step, "menu_options", "menu_option_descriptions"
                )
            for key, section in step.get("sections", {}).items():
                inner = f"{where}.sections.{key}"
                if "name" not in section:
                    yield f"{inner}: name is missing"
                yield from _pairs(inner, section, "data", "data_description")


def _pairs(where: str, step: Json, labels: str, descriptions: str) -> Problems:
    """Labels and descriptions are for the same fields."""
    yield from differences(
        where, labels, step.get(labels, {}), descriptions, step.get(descriptions, {})
    )


def same_fields(tree: Json) -> Problems:
    """A field of all providers reads the same in each of their forms."""
    seen: dict[tuple[str, ...], tuple[str, object]] = {}
    for path, flow, _ in _flows(tree):
        for name, step in flow.get("step", {}).items():
            kind_of_form = _CHANGES.match(name)
            form = kind_of_form[0] if kind_of_form else "new"
            parts = {"": step, **step.get("sections", {})}
            for part, content in parts.items():
                for kind in ("data", "data_description"):
                    for key, text in content.get(kind, {}).items():
                        is_shared = part in SHARED_SECTIONS or key in SHARED_FIELDS
                        if not is_shared:
                            continue
                        where = f"{path}.step.{name}.{key}"
                        place = (path, form, part, kind, key)
                        first, other = seen.setdefault(place, (where, text))
                        if text != other:
                            yield f"{where}: {kind} reads otherwise than {first}"


def same_errors(tree: Json) -> Problems:
    """An error reads the same, wherever it is met."""
    seen: dict[str, tuple[str, object]] = {}
    places = {path: flow.get("error", {}) for path, flow, _ in _flows(tree)}
    places["exceptions"] = {
        key: value.get("message") for key, value in tree.get("exceptions", {}).items()
    }
    for path, errors in places.items():
        for key, text in errors.items():
            where, first = seen.setdefault(key, (path, text))
            if text != first:
                yield f"{key}: reads otherwise in {path} than in {where}"


def repair_titles(tree: Json) -> Problems:
    """A title of a repair fits one line on a phone.

    Names come before a colon in the list, and are not in the dialog.
    """
    for name, issue in tree.get("issues", {}).items():
        where = f"issues.{name}"
        steps = issue.get("fix_flow", {}).get("step", {})
        titles = {
            f"{where}.title": _PLACEHOLDER.sub("", issue["title"]).strip(": ：·"),
            **{f"{where}.step.{key}": step["title"] for key, step in steps.items()},
        }
        for path, title in titles.items():
            width = len(title) + len(re.findall(HAN, title))
            if width > _MAX_TITLE or _PLACEHOLDER.search(title):
                yield f"{path}: {title!r} does not fit one line"


def same_repair_steps(tree: Json) -> Problems:
    """What all repair flows say reads the same in all of them."""
    seen: dict[str, tuple[str, object]] = {}
    for name, issue in tree.get("issues", {}).items():
        flow = issue.get("fix_flow", {})
        said = {f"abort.{key}": text for key, text in flow.get("abort", {}).items()}
        if "next_message" in flow.get("step", {}):
            said["step.next_message"] = flow["step"]["next_message"]
        for key, text in said.items():
            where, first = seen.setdefault(key, (name, text))
            if text != first:
                yield f"issues.{name}.{key}: reads otherwise than in {where}"


def chinese_texts(tree: Json) -> Problems:
    """A Chinese text holds Chinese, unless it is but names and figures."""
    for path, text in texts(tree):
        rest = NAMES.sub("", _PLACEHOLDER.sub("", str(text)))
        if re.search(r"[A-Za-z]", rest) and not re.search(HAN, rest):
            yield f"{path}: {text!r} is not Chinese"


def chinese_marks(tree: Json) -> Problems:
    """Beside Chinese characters stand full-width marks."""
    for path, text in texts(tree):
        for found in _HALF_WIDTH.finditer(_LINK.sub("]", str(text))):
            yield f"{path}: half-width mark in {found[0]!r}"


def chinese_script(tree: Json, charset: str) -> Problems:
    """A text has only characters of its script, but for quoted words of consoles.

    Args:
        tree: the translations.
        charset: the national character set, gb2312 (simplified) or big5 (traditional).

    """
    for path, text in texts(tree):
        for character in re.findall(HAN, _AS_SHOWN.sub("", str(text))):
            try:
                character.encode(charset)
            except UnicodeEncodeError:
                yield f"{path}: {character} is not in {charset}"


def taiwan_words(tree: Json) -> Problems:
    """A traditional text has the words of Taiwan, not those of the mainland."""
    for path, text in texts(tree):
        for found in _MAINLAND.finditer(_AS_SHOWN.sub("", str(text))):
            yield f"{path}: {found[0]} is not said in Taiwan"


def icon_keys(icons: Json) -> Problems:
    """Icons stand where Home Assistant looks for them."""
    yield from unknown("icons.json", icons, ICON_KEYS)
    for name, action in icons.get("services", {}).items():
        yield from unknown(f"services.{name}", action, ("sections", "service"))
    for platform, entities in icons.get("entity", {}).items():
        for name, entity in entities.items():
            yield from unknown(f"entity.{platform}.{name}", entity, ENTITY_ICON_KEYS)


def icon_names(icons: Json) -> Problems:
    """Only icons of Material Design are there for everyone."""
    for path, icon in texts(icons):
        if not re.fullmatch(r"mdi:[a-z0-9]+(-[a-z0-9]+)*", str(icon)):
            yield f"{path}: {icon!r} is not an icon of mdi"


def action_names(actions: Json, tree: Json, icons: Json) -> Problems:
    """Every action has its words and its icon."""
    names = [name for name in actions if not name.startswith(".")]
    words, pictures = tree.get("services", {}), icons.get("services", {})
    yield from differences("actions", "services.yaml", names, "the translations", words)
    yield from differences("actions", "services.yaml", names, "icons.json", pictures)


def _fields(action: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Return the fields of an action with those in its sections, and the sections."""
    fields: dict[str, Any] = {}
    sections = set()
    for key, field in (action.get("fields") or {}).items():
        if isinstance(field, dict) and "fields" in field:
            sections.add(key)
            fields |= field["fields"]
        else:
            fields[key] = field
    return fields, sections


def action_fields(actions: Json, tree: Json) -> Problems:
    """Every field and every section of an action has its words."""
    for name, words in tree.get("services", {}).items():
        fields, sections = _fields(actions.get(name) or {})
        here = ("services.yaml", "the translations")
        for kind, keys in (("fields", fields), ("sections", sections)):
            where = f"services.{name}.{kind}"
            yield from differences(where, here[0], keys, here[1], words.get(kind, {}))
        for path, part in (
            (f"services.{name}", words),
            *((f"services.{name}.{k}", v) for k, v in words.get("fields", {}).items()),
        ):
            for key in ("name", "description"):
                if key not in part:
                    yield f"{path}: {key} is missing"


def _selectors(actions: Json, kind: str) -> Iterator[tuple[str, Json]]:
    """Yield all selectors of one kind, those within objects included, and where they are."""
    waiting = [
        (f"services.{name}.{key}", field)
        for name, action in actions.items()
        for key, field in _fields(action or {})[0].items()
    ]
    for where, field in waiting:
        selector = (field or {}).get("selector") or {}
        if kind in selector:
            yield where, selector[kind] or {}
        inner = (selector.get("object") or {}).get("fields") or {}
        waiting += [(f"{where}.{key}", each) for key, each in inner.items()]


def options(actions: Json) -> set[str]:
    """Return all options of the actions, and the keys of their words."""
    found = set()
    for kind in ("object", "select"):
        for _, selector in _selectors(actions, kind):
            found.add(selector.get("translation_key", ""))
            for option in selector.get("options", ()):
                found.add(option["value"] if isinstance(option, dict) else option)
    return found


def action_options(actions: Json, tree: Json) -> Problems:
    """Every option of a selector has its words."""
    for where, select in _selectors(actions, "select"):
        if "translation_key" not in select:
            continue
        words = tree.get("selector", {}).get(select["translation_key"], {})
        for option in select.get("options", []):
            value = option["value"] if isinstance(option, dict) else option
            if value not in words.get("options", {}):
                yield f"{where}: {value} has no words"


def action_objects(actions: Json, tree: Json) -> Problems:
    """Every field of an object selector has its words, and a label that exists."""
    for where, selector in _selectors(actions, "object"):
        fields = selector.get("fields", {})
        key = selector.get("translation_key")
        words = tree.get("selector", {}).get(key, {}).get("fields", {})
        yield from differences(
            where, "services.yaml", fields, "the translations", words
        )
        for name in ("label_field", "description_field"):
            if name in selector and selector[name] not in fields:
                yield f"{where}: {name} is no field"


def action_media(actions: Json) -> Problems:
    """A media selector offers everything.

    The frontend finds nothing for */*, and no cameras that stream for image/*.
    """
    for where, selector in _selectors(actions, "media"):
        if selector.get("accept") != ["*"]:
            yield f"{where}: accept is {selector.get('accept')}, not ['*']"
