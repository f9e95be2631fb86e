// What the address names (#event-7) may come late, by htmx: then go there once, as the browser does by itself for what
// is there from the start. Not once the reader has begun to move about.
let sought = document.getElementById(location.hash.slice(1)) ? "" : location.hash.slice(1);
for (const type of ["wheel", "touchmove", "keydown", "pointerdown"])
  addEventListener(type, () => { sought = ""; }, { once: true, passive: true });

document.addEventListener("htmx:after:swap", () => {
  if (!sought || !document.getElementById(sought)) return;
  sought = "";
  location.replace(location.hash); // marks it too (:target), which scrolling would not
});
