// What is wrong with the page that is shown, each as a sentence. `facts` says how wide the paper or window is and what must not have run.
(({width, hostile}) => {
  const faults = [];
  const fault = (what, node) => faults.push(what + (node ? ": " + node.outerHTML.replace(/\s+/g, " ").slice(0, 120) : ""));
  const all = selector => [...document.querySelectorAll(selector)];
  const shown = node => node.getClientRects().length > 0;

  // Drawn, and nothing run.
  for (const image of all("img")) {
    if (!image.complete || image.naturalWidth < 2) fault("a picture is not drawn", image);
    if (!image.alt.trim()) fault("a picture has no alt text", image);
  }
  if (window.hostile_ran) fault("a hostile string was executed");
  for (const node of all("hostile, .hostile, #hostile")) fault("a hostile string became an element", node);
  if (hostile && !document.body.textContent.includes(hostile)) fault("the hostile string is not shown as text");

  // For whoever does not see it, or has no mouse.
  if (document.documentElement.lang !== "en") fault("the page names no language");
  if (!document.title.trim()) fault("the page has no title");
  if (all("h1").length !== 1) fault("the number of headings of the first order is " + all("h1").length);
  if (all("main").length !== 1) fault("the page has no main part");
  let order = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const own = Number(heading.tagName[1]);
    if (own > order + 1) fault("a heading leaves out an order", heading);
    if (!heading.textContent.trim()) fault("a heading says nothing", heading);
    order = own;
  }
  for (const header of all("th")) {
    if (!["col", "row", "colgroup", "rowgroup"].includes(header.scope)) fault("a table header does not say whether it is of a column or a row", header);
    if (!header.textContent.trim()) fault("a table header says nothing", header);
  }
  for (const table of all("table")) if (!table.querySelector("th")) fault("a table has no header", table);
  for (const link of all("a")) if (!link.textContent.trim()) fault("a link says nothing", link);
  for (const part of all("details")) if (!part.querySelector(":scope > summary")) fault("a part that folds has no summary", part);
  const ids = all("[id]").map(node => node.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) fault("two elements have the id " + id);
  for (const link of all("a[href^='#']")) if (!document.getElementById(decodeURIComponent(link.hash.slice(1)))) fault("a link leads nowhere", link);

  // Readable: contrast as WCAG 2.2 has it (4.5, and 3 for large text), and no text under 9 CSS pixels.
  const channels = text => (text.match(/[\d.]+/g) || []).map(Number);
  const linear = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const color = channels(getComputedStyle(node).backgroundColor);
      if (color.length < 4 || color[3] > 0.99) return color;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (seen.has(node) || !walker.currentNode.textContent.trim() || !shown(node) || node.closest("script, style, [aria-hidden=true]")) continue; // a stamp says nothing that is not said elsewhere
    seen.add(node);
    const style = getComputedStyle(node), size = parseFloat(style.fontSize);
    if (size < 9) fault("text of " + size + " px", node);
    const [a, b] = [luminance(channels(style.color)), luminance(ground(node))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < (size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5)) fault("contrast of only " + contrast.toFixed(2), node);
  }

  // Nothing cut off: only what scrolls by itself may be wider, and on paper nothing scrolls.
  const scrolls = node => {
    const box = node.closest(".scroll, figure");
    return box && box !== node && getComputedStyle(box).overflowX === "auto" && box.getBoundingClientRect().right <= width + 1;
  };
  if (document.documentElement.scrollWidth > width) fault("the page is " + document.documentElement.scrollWidth + " px wide, of " + width);
  for (const node of all("table, img, pre, p, li, h1, h2, h3, td, th, dd, code, figcaption, summary")) {
    if (!shown(node) || scrolls(node)) continue;
    if (node.getBoundingClientRect().right > width + 1) fault("is cut off at the right", node);
  }
  for (const cell of all("td, th")) {
    if (!shown(cell) || cell.textContent.trim().length < 12) continue;
    const style = getComputedStyle(cell), room = cell.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (room < 4 * parseFloat(style.fontSize) * 0.5) fault("a table's cell is only " + room.toFixed(0) + " px wide for its text", cell);
  }
  return [...new Set(faults)];
})
