// What can be seen of a page: its texts, and what does not fit into the window.
() => {
  const texts = new Set();
  const wide = new Set();
  const width = document.documentElement.clientWidth;
  const name = (element) => {
    const host = element.getRootNode().host;
    return (host ? `${host.localName} ` : "") + element.localName + (element.className?.trim?.() ? `.${element.className.trim().replace(/\s+/g, ".")}` : "");
  };
  const parent = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  // Rows of tabs, code and tables may be moved sideways on purpose; what is cut with "…"
  // says so.
  const scrolls = (element) => {
    for (let each = element; each; each = parent(each)) {
      const style = getComputedStyle(each);
      if (["auto", "scroll"].includes(style.overflowX) && each.scrollWidth > each.clientWidth + 1) return each;
      if (style.textOverflow === "ellipsis") return each;
    }
    return null;
  };
  const purposely = (element) => /tab|cm-scroller|chip|table|carousel/.test(name(element)) || getComputedStyle(element).textOverflow === "ellipsis";
  const range = document.createRange();
  const walk = (root) => {
    for (const node of root.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        const text = node.data.replace(/\s+/g, " ").trim();
        const element = node.parentElement ?? root.host;
        if (!text || !element || ["STYLE", "SCRIPT", "TITLE"].includes(element.tagName)) continue;
        if (node.parentElement && !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        range.selectNodeContents(node);
        const boxes = [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
        // What is not assigned to a slot has no box.
        if (!boxes.length) continue;
        texts.add(text);
        if (boxes.some((box) => box.right > width + 1 || box.left < -1)) {
          const scroller = scrolls(element);
          if (!scroller || !purposely(scroller)) wide.add(`${name(element)}: ${text}`);
        }
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        const style = getComputedStyle(node);
        // Code is the same in each language.
        if (style.display === "none" || ["ha-code-editor", "ha-yaml-editor"].includes(node.localName)) continue;
        if (
          node.clientWidth && node.scrollWidth > node.clientWidth + 1 && style.visibility !== "hidden" &&
          (["auto", "scroll"].includes(style.overflowX)) && !purposely(node)
        ) wide.add(`${name(node)}: ${node.scrollWidth} in ${node.clientWidth}`);
        if (node.shadowRoot) walk(node.shadowRoot);
        walk(node);
      }
    }
  };
  walk(document.body);
  if (document.documentElement.scrollWidth > width + 1) wide.add(`page: ${document.documentElement.scrollWidth} in ${width}`);
  return { texts: [...texts], wide: [...wide] };
}
