// The chart as a PNG of twice its size, with its title above it, on the card's colour.
import { init } from "echarts/core";

const SCALE = 2;
const HEAD = 58;
const PAD = 18;

export async function exportPng(element, options) {
  const figure = element.closest("figure");
  const picture = await paint(element, options);
  const canvas = document.createElement("canvas");
  canvas.width = picture.width + 2 * PAD * SCALE;
  canvas.height = picture.height + (HEAD + PAD) * SCALE;
  const pen = canvas.getContext("2d");
  pen.fillStyle = getComputedStyle(figure).backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  write(pen, figure.querySelector("h2, h3"), 600, 16, 28);
  write(pen, figure.querySelector(".panel-head p"), 400, 13, 48);
  pen.drawImage(picture, PAD * SCALE, HEAD * SCALE);
  save(canvas, `${figure.dataset.fileName || "chart"}.png`);
}

async function paint(element, options) {
  const stage = document.createElement("div");
  Object.assign(stage.style, { width: `${element.clientWidth}px`, height: `${element.clientHeight}px`, position: "fixed", left: "-9999px" });
  document.body.append(stage);
  const chart = init(stage, null, { renderer: "canvas", devicePixelRatio: SCALE });
  chart.setOption({ ...options, animation: false });
  const picture = new Image();
  picture.src = chart.getDataURL({ pixelRatio: SCALE });
  await picture.decode();
  chart.dispose();
  stage.remove();
  return picture;
}

function write(pen, source, weight, size, baseline) {
  if (!source) return;
  const { color, fontFamily } = getComputedStyle(source);
  pen.fillStyle = color;
  pen.font = `${weight} ${size * SCALE}px ${fontFamily}`;
  pen.fillText(source.textContent.trim(), PAD * SCALE, baseline * SCALE);
}

function save(canvas, name) {
  canvas.toBlob((blob) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}
