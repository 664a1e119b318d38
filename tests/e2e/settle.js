// Make a page look the same each time: times as given, and no field chosen.
(times) => {
  const given = [...times];
  const clock = /\b\d{1,2}:\d\d:\d\d(?: [AP]M)?/g;
  const others = [
    [/^(?:just now|now|\d+ seconds? ago|in \d+ seconds?)$/i, "1 minute ago"],
    [/^(?:现在|刚刚|\d+ ?秒钟?[前后])$/, "1分钟前"],
    [/\b[A-Z][a-z]+ \d{1,2}, \d{4}\b/, "November 20, 2026"],
    [/\d{4}年\d{1,2}月\d{1,2}日/, "2026年11月20日"],
  ];
  const walk = (root) => {
    for (const node of root.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        let text = node.data.replace(clock, (found) => given.shift() ?? found);
        const trimmed = text.trim();
        for (const [pattern, fixed] of others) {
          if (pattern.test(trimmed)) text = trimmed.replace(pattern, fixed);
        }
        if (text !== node.data) node.data = text;
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        if (getComputedStyle(node).display === "none") continue;
        if (node.shadowRoot) walk(node.shadowRoot);
        walk(node);
      }
    }
  };
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  active?.blur();
  walk(document.body);
}
