"use strict";

const TEXTS = {
  en: {
    heading: "Simulated phones",
    intro: "What Home Assistant sends arrives here. Make a service fail, send a message, and"
      + " see what happens.",
    live: "Live",
    lost: "The simulators do not answer",
    language: "Language",
    theme: "Appearance",
    auto: "Auto",
    light: "Light",
    dark: "Dark",
    switch: "State of the service",
    troubles: {
      none: ["Works", "Messages arrive at once."],
      down: ["Down", "Cannot be reached. Messages wait in Home Assistant, and arrive"
        + " late."],
      slow: ["Slow", "Every answer takes {seconds} s. After 15 s, the message counts as"
        + " queued."],
      refuse: ["Refuses", "Refuses every message. Home Assistant shows the reason."],
      credentials: ["Wrong credentials", "Home Assistant asks for new ones. Switch back"
        + " and enter the same."],
    },
    banners: {
      down: "The service is down",
      slow: "The service is slow",
      refuse: "Messages are refused",
      credentials: "Credentials are refused",
    },
    none: "Nothing has arrived yet",
    to: "To {names}",
    level: "Level {level}",
    open: "Open the link",
    picture: "Picture",
    scan: "Scan the QR code",
  },
  zh: {
    heading: "模拟手机",
    intro: "Home Assistant 发出的消息会显示在这里。让某个服务出点问题，再发一条消息，看看会怎样。",
    live: "实时更新",
    lost: "模拟器没有响应",
    language: "语言",
    theme: "外观",
    auto: "自动",
    light: "浅色",
    dark: "深色",
    switch: "服务状态",
    troubles: {
      none: ["正常", "消息立即送达。"],
      down: ["中断", "无法连接。消息在 Home Assistant 中排队，恢复后补发。"],
      slow: ["缓慢", "每次响应需要 {seconds} 秒，超过 15 秒的消息视为已排队。"],
      refuse: ["拒收", "拒收所有消息，Home Assistant 会显示原因。"],
      credentials: ["凭据错误", "Home Assistant 会要求重新输入。切回“正常”后，输入原来的凭据即可。"],
    },
    banners: {
      down: "服务中断",
      slow: "响应缓慢",
      refuse: "消息被拒收",
      credentials: "凭据不被接受",
    },
    none: "还没有收到消息",
    to: "发给 {names}",
    level: "级别 {level}",
    open: "打开链接",
    picture: "图片",
    scan: "扫描二维码",
  },
};
const LANGUAGES = { en: "English", zh: "中文" };
const THEMES = ["auto", "light", "dark"];
const TROUBLES = [null, "down", "slow", "refuse", "credentials"];
const MAX_FRAME = 420;

const asked = new URLSearchParams(location.search);
const phones = new Map();
const seen = new Set();
const dark = matchMedia("(prefers-color-scheme: dark)");
let language = chosen("language", "lang", Object.keys(LANGUAGES))
  ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
let theme = chosen("theme", "theme", THEMES) ?? "auto";
let services = [];
let first = true;

/* What the address says counts first, then what was chosen before. */
function chosen(key, parameter, values) {
  return [asked.get(parameter), localStorage.getItem(key)].find((one) => values.includes(one));
}

function text(key, values = {}) {
  return Object.entries(values).reduce(
    (result, [name, value]) => result.replace(`{${name}}`, value), TEXTS[language][key]);
}

function make(tag, parent, className, content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (content !== undefined) element.textContent = content;
  parent?.append(element);
  return element;
}

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hourCycle: "h23" });
}

/* Only web addresses: a message must not run anything by a click. */
function link(parent, url, className, content) {
  const element = make(/^https?:\/\//i.test(url) ? "a" : "span", parent, className, content);
  if (element.tagName === "A") {
    element.href = url;
    element.target = "_blank";
    element.rel = "noopener noreferrer";
  }
  return element;
}

/* What messages bring along as HTML: framed, without scripts, and as dark as the page. */
function frame(parent, html, soft) {
  const element = make("iframe", parent, "frame");
  const isDark = theme === "dark" || (theme === "auto" && dark.matches);
  const ink = isDark ? (soft ? "#9c9c9c" : "#e3e3e3") : soft ? "#7b7b7b" : "#191919";
  element.sandbox = "allow-same-origin allow-popups";
  element.title = text("heading");
  element.srcdoc = `<!DOCTYPE html><html style="color-scheme: ${isDark ? "dark" : "light"}">
<head><meta charset="utf-8"><base target="_blank"><style>
  body { margin: 0; color: ${ink}; overflow-wrap: anywhere;
    font: ${soft ? 13 : 15}px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC",
      "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
  body > :first-child { margin-top: 0; } body > :last-child { margin-bottom: 0; }
  h1, h2, h3, h4 { font-size: 1.1em; margin: .5em 0 .3em; } h1 { font-size: 1.2em; }
  p, ul, ol, blockquote, pre { margin: .35em 0; } ul, ol { padding-left: 1.3em; }
  blockquote { margin-left: 0; padding-left: .6em; border-left: 3px solid #8886; opacity: .8; }
  code, pre { font: .9em ui-monospace, monospace; background: #8882; border-radius: 4px;
    padding: .05em .3em; } pre { padding: .4em .5em; white-space: pre-wrap; }
  pre code { background: none; padding: 0; }
  table { border-collapse: collapse; margin: .4em 0; } th, td { border: 1px solid #8885;
    padding: .15em .5em; text-align: left; } img, video { max-width: 100%; height: auto;
    border-radius: 6px; } a { color: ${isDark ? "#86a8dd" : "#3f6199"}; }
  hr { border: 0; border-top: 1px solid #8885; }
  font[color="info"] { color: ${isDark ? "#56c981" : "#23864a"}; }
  font[color="comment"], .gray { color: #8a8a8a; }
  font[color="warning"], .highlight { color: #e0822d; }
</style></head><body>${html}</body></html>`;
  element.addEventListener("load", () => {
    const page = element.contentDocument;
    if (!page?.body) return;
    const fit = () => {
      const height = Math.ceil(page.body.getBoundingClientRect().height);
      element.style.height = `${Math.min(height + 1, MAX_FRAME)}px`;
      stayAtEnd(element);
    };
    fit();
    new ResizeObserver(fit).observe(page.body);
  });
}

function picture(parent, url) {
  const element = make("img", parent, "picture");
  element.alt = text("picture");
  element.addEventListener("load", () => stayAtEnd(element));
  element.src = url;
}

function card(parent, block) {
  const box = make("div", parent, "card");
  if (block.source) make("div", box, "source", block.source);
  if (block.picture) picture(box, block.picture);
  if (block.title) make("div", box, "title", block.title);
  if (block.text) make("div", box, "text", block.text);
  if (block.html) frame(box, block.html, true);
  if (block.emphasis) {
    const emphasis = make("div", box, "emphasis");
    make("b", emphasis, "", block.emphasis.title);
    make("span", emphasis, "", block.emphasis.text);
  }
  if (block.quote) {
    const quote = make("div", box, "quote");
    make("b", quote, "", block.quote.title);
    make("span", quote, "", block.quote.text);
  }
  for (const one of block.items ?? []) {
    const item = make("div", box, "item");
    make("b", item, "", one.title);
    make("span", item, "", one.text);
  }
  if (block.rows) {
    const rows = make("dl", box, "rows");
    for (const row of block.rows) {
      make("dt", rows, "", row.name);
      link(make("dd", rows), row.url, "", row.value);
    }
  }
  for (const choice of block.choices ?? []) {
    const question = make("fieldset", box, choice.several ? "several" : "");
    if (choice.title) make("legend", question, "", choice.title);
    for (const option of choice.options) make("div", question, "", option);
  }
  if (block.buttons || block.submit) {
    const buttons = make("div", box, "buttons");
    for (const button of block.buttons ?? []) {
      link(buttons, button.url, "", button.text).dataset.style = button.style;
    }
    if (block.submit) make("span", buttons, "submit", block.submit);
  }
  for (const one of block.links ?? []) link(box, one.url, "link", one.title);
  if (block.url) link(box, block.url, "link", block.label || text("open"));
}

/* Plain text, with its addresses to click. */
function textBlock(parent, content) {
  const box = make("div", parent, "text");
  for (const [index, part] of content.split(/(https?:\/\/[^\s<>"，。；）]+)/).entries()) {
    if (index % 2) link(box, part, "address", part).title = part;
    else box.append(part);
  }
}

function fileBlock(parent, block) {
  const element = make("a", parent, "file");
  element.href = block.url;
  element.download = block.name;
  make("i", element, "", block.name.split(".").pop().slice(0, 4).toUpperCase());
  const name = make("span", element, "", block.name);
  const size = block.size < 1e6 ? `${Math.ceil(block.size / 1e3)} kB`
    : `${(block.size / 1e6).toFixed(1)} MB`;
  make("small", name, "", size);
}

const BLOCKS = {
  text: (parent, block) => textBlock(parent, block.text),
  html: (parent, block) => frame(parent, block.text),
  picture: (parent, block) => picture(parent, block.url),
  file: fileBlock,
  card,
  link: (parent, block) => link(parent, block.url, "link", text("open")),
};

function logo(parent, service) {
  make("span", parent, "logo", service.badge).ariaHidden = "true";
}

/* One message to several recipients is one bubble. */
function together(notifications) {
  const bubbles = [];
  for (const one of notifications) {
    const content = JSON.stringify([one.title, one.text, one.kind, one.channel, one.blocks]);
    const last = bubbles.at(-1);
    if (last && last.content === content && one.received - last.received < 1
        && !last.recipients.includes(one.recipient)) {
      last.names.push(one.recipient_name || one.recipient);
      last.recipients.push(one.recipient);
    } else {
      bubbles.push({ ...one, content, recipients: [one.recipient],
        names: [one.recipient_name || one.recipient] });
    }
  }
  return bubbles;
}

/* Some services take the title twice: apart, and at the beginning of the text. */
function withoutTitle(one) {
  const [head, ...others] = one.blocks.length ? one.blocks : [{ type: "text", text: one.text }];
  if (head.type === "text" && one.title && head.text.startsWith(`${one.title}\n`)) {
    return [{ ...head, text: head.text.slice(one.title.length).trimStart() }, ...others];
  }
  return [head, ...others];
}

function hasTitle(block, title) {
  if (block.type !== "html") return block.title === title;
  const page = new DOMParser().parseFromString(block.text, "text/html");
  return page.body.textContent.trimStart().startsWith(title);
}

function bubble(service, one) {
  const item = make("li");
  if (!seen.has(one.id)) {
    seen.add(one.id);
    if (!first) item.className = "new";
  }
  const time = make("time", item, "", clock(one.received));
  time.dateTime = new Date(one.received * 1000).toISOString();
  const message = make("div", item, "message");
  logo(message, service);
  const box = make("div", message, "bubble");
  if (one.level) {
    make("div", box, "level", text("level", { level: one.level })).dataset.level = one.level;
  }
  const blocks = withoutTitle(one);
  if (one.title && !hasTitle(blocks[0], one.title)) make("div", box, "title", one.title);
  for (const block of blocks) BLOCKS[block.type](box, block);
  const to = make("div", box, "to");
  const names = one.names.join(", ");
  make("span", to, "", text("to", { names })).title = one.recipients.join(", ");
  if (one.channel) make("span", to, "", one.channel);
  return item;
}

/* The newest message stays in sight while contents grow, unless a person has scrolled up. */
function stayAtEnd(element) {
  const list = element.closest("ol");
  if (list?.dataset.end) list.scrollTop = list.scrollHeight;
}

function watchScrolling(list) {
  let top = 0;
  list.dataset.end = "yes";
  list.addEventListener("scroll", () => {
    if (list.scrollHeight - list.scrollTop - list.clientHeight < 40) list.dataset.end = "yes";
    else if (list.scrollTop < top) delete list.dataset.end;
    top = list.scrollTop;
  });
}

function phoneOf(service) {
  const known = phones.get(service.name);
  if (known) return known;
  const section = make("section", document.getElementById("phones"), "service");
  section.id = service.name;
  section.style.setProperty("--brand", service.colour);
  const control = make("div", section, "switch");
  const phone = make("div", section, "phone");
  const screen = make("div", phone, "screen");
  const status = make("div", screen, "status");
  const time = make("span", status);
  make("i", status);
  const appbar = make("div", screen, "appbar");
  const name = make("b", appbar);
  const count = make("span", appbar);
  const scan = make("button", screen, "scan");
  scan.type = "button";
  scan.hidden = true;
  scan.addEventListener("click", () => scanCode(service.name));
  const banner = make("div", screen, "banner");
  const list = make("ol", screen);
  list.setAttribute("aria-live", "polite");
  watchScrolling(list);
  const tab = make("a", document.getElementById("tabs"));
  tab.href = `#${service.name}`;
  tab.style.setProperty("--brand", service.colour);
  const made = { section, control, time, name, count, scan, banner, list, tab, shown: "" };
  phones.set(service.name, made);
  return made;
}

function drawSwitch(service, phone) {
  const current = service.trouble ?? "none";
  const texts = TEXTS[language].troubles;
  for (const element of [phone.section, phone.tab]) {
    if (service.trouble) element.dataset.trouble = service.trouble;
    else delete element.dataset.trouble;
  }
  const focused = phone.control.contains(document.activeElement);
  phone.control.replaceChildren();
  const heading = make("h2", phone.control);
  logo(heading, service);
  make("span", heading, "", service.titles[language]);
  const group = make("div", phone.control, "troubles");
  group.role = "radiogroup";
  group.ariaLabel = text("switch");
  for (const trouble of TROUBLES) {
    const button = make("button", group, "", texts[trouble ?? "none"][0]);
    button.type = "button";
    button.role = "radio";
    button.ariaChecked = String(trouble === service.trouble);
    if (trouble) button.dataset.trouble = trouble;
    button.addEventListener("click", () => switchTrouble(service, trouble));
    if (focused && trouble === service.trouble) button.focus();
  }
  const meaning = texts[current][1].replace("{seconds}", Math.round(service.slowness));
  make("p", phone.control, "meaning", meaning);
  phone.banner.textContent = TEXTS[language].banners[service.trouble] ?? "";
  phone.scan.textContent = text("scan");
  phone.scan.hidden = !service.can_be_scanned;
}

function draw(service) {
  const phone = phoneOf(service);
  phone.time.textContent = clock(Date.now() / 1000).slice(0, 5);
  const state = JSON.stringify([service.trouble, service.can_be_scanned, language]);
  if (phone.state !== state) {
    phone.state = state;
    phone.tab.textContent = service.titles[language];
    phone.name.textContent = service.titles[language];
    drawSwitch(service, phone);
  }
  const shown = JSON.stringify([service.version, language, theme, dark.matches]);
  if (phone.shown === shown) return;
  phone.shown = shown;
  phone.count.textContent = service.count || "";
  const bubbles = together(service.notifications.toReversed());
  phone.list.replaceChildren(...bubbles.map((one) => bubble(service, one)));
  if (!service.count) make("li", phone.list, "none", text("none"));
  stayAtEnd(phone.list);
}

async function switchTrouble(service, trouble) {
  await fetch(`services/${service.name}/trouble`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ trouble }),
  }).catch(() => {});
  await refresh();
}

async function scanCode(name) {
  await fetch(`services/${name}/scan`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  }).catch(() => {});
  await refresh();
}

function choices(id, label, values, current, choose) {
  const group = document.getElementById(id);
  group.ariaLabel = label;
  group.replaceChildren();
  for (const [value, name] of values) {
    const button = make("button", group, "", name);
    button.type = "button";
    button.role = "radio";
    button.ariaChecked = String(value === current);
    button.addEventListener("click", () => {
      localStorage.setItem(id, value);
      choose(value);
      drawAll();
    });
  }
}

function drawAll() {
  const root = document.documentElement;
  root.lang = language === "zh" ? "zh-Hans" : "en";
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  document.title = text("heading");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  choices("language", text("language"), Object.entries(LANGUAGES), language,
    (value) => { language = value; });
  choices("theme", text("theme"), THEMES.map((one) => [one, text(one)]), theme,
    (value) => { theme = value; });
  services.forEach(draw);
}

function showState(lost) {
  const state = document.getElementById("state");
  state.className = lost ? "lost" : "";
  state.textContent = text(lost ? "lost" : "live");
}

async function refresh() {
  let answer;
  try {
    const response = await fetch("notifications.json", { cache: "no-store" });
    if (!response.ok) throw new Error(response.statusText);
    answer = await response.json();
  } catch {
    showState(true);
    return;
  }
  ({ services } = answer);
  services.forEach(draw);
  showState(false);
  first = false;
}

async function run() {
  try {
    await refresh();
  } finally {
    setTimeout(run, 1000);
  }
}

dark.addEventListener("change", () => services.forEach(draw));
drawAll();
run();
