// What the other modules share: events on elements that htmx may bring later, words, icons.
export function on(type, selector, handler, options) {
  document.addEventListener(type, (event) => {
    const element = event.target instanceof Element ? event.target.closest(selector) : null;
    if (element) handler(event, element);
  }, options);
}

/** Runs now and after every htmx swap, once for each element. */
export function each(selector, start) {
  const seen = new WeakSet();
  const run = () => document.querySelectorAll(selector).forEach((element) => {
    if (seen.has(element)) return;
    seen.add(element);
    start(element);
  });
  run();
  document.addEventListener("htmx:after:swap", run);
}

/** A translated sentence that the server put on <body data-say-…>. */
export const say = (name) => document.body.dataset[`say${name}`] ?? "";

export function icon(name, size = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `icon ${size}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

export const isTyping = (event) =>
  event.target instanceof Element && (event.target.isContentEditable || event.target.matches("input, textarea, select"));
