// Places popovers under their button, inside the window. Opening, Esc and click-away are the browser's own.
const GAP = 8;

export function place(panel, button) {
  const anchor = button.getBoundingClientRect();
  const width = panel.offsetWidth;
  const height = panel.offsetHeight;
  const wanted = panel.dataset.align === "end" ? anchor.right - width : anchor.left;
  const left = Math.max(GAP, Math.min(wanted, document.documentElement.clientWidth - width - GAP));
  const below = anchor.bottom + height + GAP <= innerHeight || anchor.top < height + GAP;
  const top = below ? anchor.bottom : anchor.top - height - GAP;
  Object.assign(panel.style, { left: `${left + scrollX}px`, top: `${top + scrollY}px` });
}

document.addEventListener("toggle", (event) => {
  const panel = event.target;
  if (!(panel instanceof HTMLElement) || !panel.matches("[popover].floating")) return;
  const button = document.querySelector(`[popovertarget="${CSS.escape(panel.id)}"]`);
  const open = event.newState === "open";
  button?.setAttribute("aria-expanded", String(open));
  if (open && button) place(panel, button);
}, true);

// What is saved as a file leaves the page as it is: its menu has done its work.
document.addEventListener("click", (event) => {
  const panel = event.target instanceof Element && event.target.closest("a[download]")?.closest(".floating:popover-open");
  if (panel) panel.hidePopover();
});

// Up and down arrows walk through a menu.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const panel = event.target instanceof Element
    ? event.target.closest(".floating") ?? document.getElementById(event.target.getAttribute("popovertarget") ?? "") : null;
  if (!panel?.matches(".floating:popover-open")) return;
  const items = [...panel.querySelectorAll("a, button, input")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = items[(items.indexOf(document.activeElement) + step + items.length) % items.length];
  if (next) { next.focus(); event.preventDefault(); }
});
