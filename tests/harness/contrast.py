"""How well a page's words can be told from what is behind them, by the rule of WCAG 2."""

# Of every piece of text that is seen: its colour against what is painted behind it, both as they come out.
_MEASURE = r"""
() => {
  const parsed = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a), a: 1,
  });
  const light = ({ r, g, b }) => {
    const part = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ratio = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  // The canvas of a page without a colour of its own.
  const ground = parsed(getComputedStyle(document.body).backgroundColor);
  const nothing = parsed("rgba(0, 0, 0, 0)");
  const painted = (element) => {
    const within = element instanceof SVGElement && element.tagName !== "svg";
    return within ? nothing : parsed(getComputedStyle(element).backgroundColor);
  };
  // In pictures, what is behind a text is what was drawn before it at its place.
  const drawn = (text) => {
    const at = text.getBoundingClientRect();
    const [x, y] = [at.left + at.width / 2, at.top + at.height / 2];
    const shapes = [...text.ownerSVGElement.querySelectorAll("rect")].filter((shape) => {
      const box = shape.getBoundingClientRect();
      const inside = box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
      return inside && shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
    });
    return shapes.map((shape) => {
      const style = getComputedStyle(shape);
      if (style.fill === "none") return nothing;
      const fill = parsed(style.fill);
      return { ...fill, a: fill.a * style.fillOpacity * style.opacity };
    });
  };
  const behind = (element) => {
    const layers = [];
    if (element instanceof SVGElement) layers.push(...drawn(element).reverse());
    for (let one = element; one; one = one.parentElement) layers.push(painted(one));
    return layers.reverse().reduce((under, top) => over(top, under), ground);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const words = walker.currentNode.textContent.trim();
    const box = element.getBoundingClientRect();
    if (!words || !box.width || !box.height || ["title", "TITLE", "OPTION"].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    if (style.visibility === "hidden") continue;
    const ground = behind(element);
    const colour = over(parsed(element instanceof SVGElement ? style.fill : style.color), ground);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    found.push({ words: words.slice(0, 40), ratio: ratio(colour, ground), least });
  }
  return found;
}
"""


def measured(page):
    """Of each piece of text: its words, the ratio, and what WCAG's level AA asks of it."""
    return page.evaluate(_MEASURE)


def faint(page):
    """Those that are hard to read."""
    return {f"{one['words']}: {one['ratio']:.2f}" for one in measured(page) if one["ratio"] < one["least"]}
