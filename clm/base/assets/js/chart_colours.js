// The theme's colours as ECharts needs them: plain rgb, read from the page.
const STAGES = 13;

export function colours(element) {
  const probe = document.createElement("i");
  probe.hidden = true;
  element.parentElement.append(probe);
  const read = (name) => {
    probe.style.color = `var(${name})`;
    return toRgb(getComputedStyle(probe).color);
  };
  const found = {
    text: read("--color-base-content"), muted: read("--muted"), line: read("--color-base-300"), card: read("--color-base-100"),
    accent: read("--color-primary"), low: read("--h0"), high: read("--h9"),
    stages: Array.from({ length: STAGES }, (_, slot) => read(`--s${slot}`)),
    font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return found;
}

/** oklch() and friends, which ECharts cannot read, become rgb by painting one pixel. */
function toRgb(colour) {
  if (/^rgb/.test(colour)) return colour;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
  return `rgb(${r}, ${g}, ${b})`;
}
