"""The rules for the translations find what they are for, and nothing else."""

from typing import Any

import pytest

from . import translations
from .common import Rule


def step(**content: Any) -> dict[str, Any]:
    """Return translations with one step of a flow."""
    return {"config": {"step": {"user": content}}}


def errors(text: str) -> dict[str, Any]:
    """Return translations with one error in all three places."""
    return {
        "config": {"error": {"timeout": "Too slow"}},
        "config_subentries": {"recipient": {"error": {"timeout": text}}},
        "exceptions": {"timeout": {"message": "Too slow"}},
    }


def forms(text: str) -> dict[str, Any]:
    """Return translations of forms that share a field and a section."""

    def form(text: str, own: str) -> dict[str, Any]:
        section = {"data": {"url": text}}
        return {
            "data": {"name": text, "token": own},
            "sections": {"connection": section},
        }

    steps = {
        "first": form("Name", "A token"),
        "second": form(text, "Another token"),
        "reconfigure_first": form("New name", "The new token"),
    }
    return {"config": {"step": steps}}


def action(**fields: Any) -> dict[str, Any]:
    """Return translations of one action."""
    words = {"name": "Send", "description": "Sends"}
    return {
        "services": {"send": {**words, "fields": dict.fromkeys(fields, words)}},
        "selector": {"format": {"options": {"text": "Text"}}},
    }


def select(*options: object) -> dict[str, Any]:
    """Return one action with a choice."""
    selector = {"select": {"translation_key": "format", "options": list(options)}}
    return {"send": {"fields": {"format": {"selector": selector}}}}


def media(*accept: str) -> dict[str, Any]:
    """Return one action with a picture."""
    selector = {"media": {"accept": list(accept)}}
    return {"send": {"fields": {"image": {"selector": selector}}}}


def rows(field: object = None, **more: str) -> dict[str, Any]:
    """Return one action with objects of one field."""
    content = {"fields": {"name": {"selector": field}}, "translation_key": "row"}
    return {"send": {"fields": {"rows": {"selector": {"object": content | more}}}}}


def fields(**name: str) -> dict[str, Any]:
    """Return translations of an object selector of one field."""
    return {"selector": {"row": {"fields": {"name": name}}}}


def issues(title: str, step: str, abort: str) -> dict[str, Any]:
    """Return two issues, of which the second one has the given texts."""

    def issue(title: str, step: str, abort: str) -> dict[str, Any]:
        """Return an issue with its flow."""
        steps = {"next_message": {"title": step}}
        return {"title": title, "fix_flow": {"step": steps, "abort": {"gone": abort}}}

    return {"issues": {"a": issue("A", "Wait", "Gone"), "b": issue(title, step, abort)}}


def numbered(*texts: str) -> dict[str, str]:
    """Return texts under keys."""
    return {f"text_{number}": text for number, text in enumerate(texts)}


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        (translations.categories, ({"title": "", "config": {}, "services": {}},)),
        (translations.clean_texts, ({"a": "{x} isn't < 1 or “{y}” [1]."},)),
        (translations.shape, ({"a": {"b": "x"}}, "zh-Hans", {"a": {"b": "y"}})),
        (
            translations.same_placeholders,
            ({"a": "{x}{y}"}, "zh-Hans", {"a": "{y}，{x}"}),
        ),
        (translations.valid_placeholders, ({"a": "{one} {two_2}"},)),
        (translations.flow_keys, (step(data={}, sections={"s": {"name": ""}}),)),
        (translations.other_keys, ({"exceptions": {"a": {"message": ""}}},)),
        (translations.step_fields, (step(title="T", menu_options={"a": "A"}),)),
        (translations.same_fields, (forms("Name"),)),
        (translations.same_errors, (errors("Too slow"),)),
        (
            translations.repair_titles,
            (issues("{account_name}：" + "字" * 13, "x" * 26, "Gone"),),
        ),
        (translations.same_repair_steps, (issues("B", "Wait", "Gone"),)),
        (
            translations.chinese_texts,
            (numbered("AppToken", "{name}", "WxPusher", "10 s 内", "1–5"),),
        ),
        (
            translations.chinese_marks,
            (
                numbered(
                    "门铃响了，10:30。",
                    "版本 1.5 或更高：见（a.b）",
                    "步骤：\n1. 打开\n2. 关闭",
                    "**标题** HTML, Markdown",
                    "在[控制台]({url})创建",
                ),
            ),
        ),
        (translations.chinese_script, ({"a": "发送 Markdown 消息。"}, "gb2312")),
        (translations.chinese_script, ({"a": "在 Server酱開啟「开发设置」。"}, "big5")),
        (translations.taiwan_words, ({"a": "伺服器的「消息发送」，好友令牌"},)),
        (translations.icon_keys, ({"services": {"send": {"service": ""}}},)),
        (translations.icon_names, ({"a": "mdi:account-voice", "b": "mdi:numeric-1"},)),
        (
            translations.action_names,
            (
                {"send": {}, ".anchor": {}},
                {"services": {"send": {}}},
                {"services": {"send": {}}},
            ),
        ),
        (translations.action_fields, ({"send": {"fields": {"a": {}}}}, action(a=1))),
        (
            translations.selector_fields,
            (fields(name="Name", description="What it is."),),
        ),
        (translations.action_media, (media("*"),)),
        (
            translations.action_objects,
            (rows(label_field="name"), fields(name="Name", description="It.")),
        ),
        (
            translations.action_objects,
            ({"send": {"fields": {"card": {"selector": {"object": None}}}}}, {}),
        ),
        (translations.action_options, (select("text"), action())),
        (translations.action_options, (select({"value": "text"}), action())),
    ],
)
def test_accepts(rule: Rule, data: tuple[Any, ...]) -> None:
    """A rule has nothing against what is right."""
    assert list(rule(*data)) == []


@pytest.mark.parametrize(
    ("rule", "data", "problems"),
    [
        (
            translations.categories,
            ({"commons": {}},),
            ["translations: unknown key commons"],
        ),
        (
            translations.clean_texts,
            ({"a": {"b": " "}, "c": 1},),
            ["a.b: has no text", "c: has no text"],
        ),
        (translations.clean_texts, ({"a": "x "},), ["a: begins or ends with a space"]),
        (translations.clean_texts, ({"a": "<b>x</b>"},), ["a: holds HTML"]),
        (
            translations.clean_texts,
            ({"a": "see https://x", "b": "www.x.y"},),
            ["a: holds an address", "b: holds an address"],
        ),
        (
            translations.clean_texts,
            ({"a": "'{x}'", "b": 'no "{y}".'},),
            ["a: holds a placeholder in quotes", "b: holds a placeholder in quotes"],
        ),
        (
            translations.clean_texts,
            ({"a": "[%key:common::x%]"},),
            ["a: holds a reference"],
        ),
        (
            translations.shape,
            ({"a": {"b": "x"}}, "zh-Hans", {"a": {"c": "x"}}),
            [
                "translations: a.b is in en but not in zh-Hans",
                "translations: a.c is in zh-Hans but not in en",
            ],
        ),
        (
            translations.shape,
            ({"a": {"b": "x"}}, "zh-Hant", {"a": "x"}),
            [
                "translations: a.b is in en but not in zh-Hant",
                "translations: a is in zh-Hant but not in en",
            ],
        ),
        (
            translations.same_placeholders,
            ({"a": "{x}"}, "zh-Hans", {"a": "{y}"}),
            [
                "a: {x} is in en but not in zh-Hans",
                "a: {y} is in zh-Hans but not in en",
            ],
        ),
        (
            translations.valid_placeholders,
            ({"a": "{a b}", "b": "{}", "c": "{x!r}", "d": "{x:2}"},),
            [
                "a: {a b} is not a plain name",
                "b: {} is not a plain name",
                "c: {x} is not a plain name",
                "d: {x} is not a plain name",
            ],
        ),
        (
            translations.valid_placeholders,
            ({"a": "{x"},),
            ["a: expected '}' before end of string"],
        ),
        (
            translations.flow_keys,
            ({"config": {"steps": {}}, "config_subentries": {"r": {"title": ""}}},),
            ["config: unknown key steps", "config_subentries.r: unknown key title"],
        ),
        (
            translations.flow_keys,
            (step(fields={}, sections={"s": {"title": ""}}),),
            [
                "config.step.user: unknown key fields",
                "config.step.user.sections.s: unknown key title",
            ],
        ),
        (
            translations.flow_keys,
            ({"issues": {"i": {"fix_flow": {"title": ""}}}},),
            ["issues.i.fix_flow: unknown key title"],
        ),
        (
            translations.other_keys,
            (
                {
                    "exceptions": {"a": {"title": ""}},
                    "entity": {"notify": {"b": {"icon": ""}}},
                },
            ),
            ["exceptions.a: unknown key title", "entity.notify.b: unknown key icon"],
        ),
        (
            translations.subentry_words,
            ({"config_subentries": {"r": {}}},),
            [
                "config_subentries.r: entry_type is missing",
                "config_subentries.r: initiate_flow.user is missing",
            ],
        ),
        (
            translations.step_fields,
            (step(data={"a": "A"}, data_description={"b": "B"}),),
            [
                "config.step.user: a is in data but not in data_description",
                "config.step.user: b is in data_description but not in data",
            ],
        ),
        (
            translations.step_fields,
            (step(sections={"s": {"data": {"a": "A"}}}),),
            [
                "config.step.user.sections.s: name is missing",
                "config.step.user.sections.s: a is in data but not in data_description",
            ],
        ),
        (
            translations.step_fields,
            (step(menu_options={"a": "A"}, menu_option_descriptions={}),),
            [
                "config.step.user: a is in menu_options but not in menu_option_descriptions"
            ],
        ),
        (
            translations.same_fields,
            (forms("Title"),),
            [
                "config.step.second.name: data reads otherwise than "
                "config.step.first.name",
                "config.step.second.url: data reads otherwise than "
                "config.step.first.url",
            ],
        ),
        (
            translations.same_errors,
            (errors("Slow"),),
            ["timeout: reads otherwise in config_subentries.recipient than in config"],
        ),
        (
            translations.repair_titles,
            (issues("{account_name}: " + "字" * 14, "{account}", "Gone"),),
            [
                f"issues.b.title: {'字' * 14!r} does not fit one line",
                "issues.b.step.next_message: '{account}' does not fit one line",
            ],
        ),
        (
            translations.same_repair_steps,
            (issues("B", "Later", "Away"),),
            [
                "issues.b.abort.gone: reads otherwise than in a",
                "issues.b.step.next_message: reads otherwise than in a",
            ],
        ),
        (
            translations.chinese_texts,
            ({"a": "Send a message", "b": "{name} in WeCom"},),
            [
                "a: 'Send a message' is not Chinese",
                "b: '{name} in WeCom' is not Chinese",
            ],
        ),
        (
            translations.chinese_marks,
            ({"a": "你好, 世界"},),
            ["a: half-width mark in '好,'"],
        ),
        (
            translations.chinese_marks,
            ({"a": "完成.", "b": "主题 (可选)", "c": "令牌:"},),
            [
                "a: half-width mark in '成.'",
                "b: half-width mark in '题 ('",
                "b: half-width mark in '选)'",
                "c: half-width mark in '牌:'",
            ],
        ),
        (
            translations.chinese_marks,
            ({"a": "用 HTML, 或", "b": "见 Markdown. 再", "c": '点“A”或"乙'},),
            [
                "a: half-width mark in ', 或'",
                "b: half-width mark in '. 再'",
                "c: half-width mark in '或\"'",
            ],
        ),
        (
            translations.chinese_script,
            ({"a": "发送訊息"}, "gb2312"),
            ["a: 訊 is not in gb2312"],
        ),
        (
            translations.chinese_script,
            ({"a": "「开发」中设定"}, "big5"),
            ["a: 设 is not in big5"],
        ),
        (
            translations.taiwan_words,
            ({"a": "「默认」的默認網絡"},),
            ["a: 默認 is not said in Taiwan", "a: 網絡 is not said in Taiwan"],
        ),
        (
            translations.icon_keys,
            (
                {
                    "service": {},
                    "services": {"s": {"default": ""}},
                    "entity": {"notify": {"r": {"icon": ""}}},
                },
            ),
            [
                "icons.json: unknown key service",
                "services.s: unknown key default",
                "entity.notify.r: unknown key icon",
            ],
        ),
        (
            translations.icon_names,
            ({"a": {"b": "fas:bell", "c": "mdi:Bell"}},),
            [
                "a.b: 'fas:bell' is not an icon of mdi",
                "a.c: 'mdi:Bell' is not an icon of mdi",
            ],
        ),
        (
            translations.action_names,
            ({"send": {}}, {"services": {"sent": {}}}, {}),
            [
                "actions: send is in services.yaml but not in the translations",
                "actions: sent is in the translations but not in services.yaml",
                "actions: send is in services.yaml but not in icons.json",
            ],
        ),
        (
            translations.action_fields,
            ({"send": {"fields": {"s": {"fields": {"a": None}}}}}, action(b=1)),
            [
                "services.send.fields: a is in services.yaml but not in the translations",
                "services.send.fields: b is in the translations but not in services.yaml",
                "services.send.sections: s is in services.yaml but not in the translations",
            ],
        ),
        (
            translations.action_fields,
            ({}, {"services": {"send": {"name": "Send"}}}),
            ["services.send: description is missing"],
        ),
        (
            translations.selector_fields,
            (fields(name="Name", label="Label"),),
            [
                "selector.row.fields.name: label is in it but not in hassfest's schema",
                "selector.row.fields.name: description is in hassfest's schema but not in it",
            ],
        ),
        (
            translations.action_media,
            (media("image/*"),),
            ["services.send.image: accept is ['image/*'], not ['*']"],
        ),
        (
            translations.action_media,
            (rows({"media": None}),),
            ["services.send.rows.name: accept is None, not ['*']"],
        ),
        (
            translations.action_objects,
            (rows(label_field="title"), {"selector": {"row": {"fields": {}}}}),
            [
                "services.send.rows: name is in services.yaml but not in the translations",
                "services.send.rows: label_field is no field",
            ],
        ),
        (
            translations.action_options,
            (select("text", "html"), action()),
            ["services.send.format: html has no words"],
        ),
        (
            translations.action_options,
            (
                rows({"select": {"options": ["text"], "translation_key": "kind"}}),
                action(),
            ),
            ["services.send.rows.name: text has no words"],
        ),
    ],
)
def test_finds(rule: Rule, data: tuple[Any, ...], problems: list[str]) -> None:
    """A rule finds each thing that is wrong."""
    assert list(rule(*data)) == problems
