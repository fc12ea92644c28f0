"""How well text on a page stands out (WCAG 2.2, success criterion 1.4.3)."""

from tests.plugins.browser import Page

__all__ = ["contrasts"]


def contrasts(page: Page) -> dict[str, float]:
    """By kind of element, the least contrast of its text with what is behind it."""
    found: dict[str, float] = page.value(_SCRIPT)
    return found


_SCRIPT = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const light = colour => {
    const linear = part => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
    const [r, g, b] = colour.slice(0, 3).map(part => linear(part / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const found = {};
  for (const element of document.body.querySelectorAll('*:not(svg *)')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= +getComputedStyle(at).opacity;
    const below = behind(element);
    const ink = rgba(style.color); ink[3] *= opacity;
    const pair = [light(over(ink, below)), light(below)].sort((a, b) => b - a);
    const ratio = Math.round((pair[0] + .05) / (pair[1] + .05) * 100) / 100;
    const name = `${element.tagName} ${element.className} in ${element.parentElement.className}`;
    found[name] = Math.min(found[name] ?? 99, ratio);
  }
  return found;
})()
"""
