// clm/base/assets/js/page.js
function on(type, selector, handler, options2) {
  document.addEventListener(type, (event) => {
    const element = event.target instanceof Element ? event.target.closest(selector) : null;
    if (element) handler(event, element);
  }, options2);
}
function each(selector, start) {
  const seen = /* @__PURE__ */ new WeakSet();
  const run = () => document.querySelectorAll(selector).forEach((element) => {
    if (seen.has(element)) return;
    seen.add(element);
    start(element);
  });
  run();
  document.addEventListener("htmx:after:swap", run);
}
var say = (name) => document.body.dataset[`say${name}`] ?? "";
function icon(name, size2 = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `icon ${size2}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}
var isTyping = (event) => event.target instanceof Element && (event.target.isContentEditable || event.target.matches("input, textarea, select"));

// clm/base/assets/js/theme.js
var root = document.documentElement;
function show(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  document.querySelectorAll("[data-set-theme]").forEach((button2) => button2.setAttribute("aria-pressed", String(button2.dataset.setTheme === theme)));
  document.dispatchEvent(new Event("theme:change"));
}
on("click", "[data-set-theme]", (_event, button2) => {
  const theme = button2.dataset.setTheme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  show(theme);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("theme:change")));

// clm/base/assets/js/toasts.js
var shelf = () => document.getElementById("toasts");
var icons = { success: "circle-check", info: "info", warning: "triangle-alert", error: "circle-alert" };
var SHOWN_MS = 8e3;
function toast(tone, text, { detail, action } = {}) {
  const item = document.createElement("div");
  item.className = `toast-item toast-${tone}`;
  item.dataset.toast = tone;
  const body = document.createElement("div");
  body.className = "toast-body";
  body.setAttribute("role", tone === "error" ? "alert" : "status");
  item.append(icon(icons[tone] ?? "info"), body, ...action ? [actionButton(action)] : [], closeButton());
  shelf()?.append(item);
  body.textContent = text;
  if (detail) body.append(document.createElement("br"), Object.assign(document.createElement("code"), { textContent: detail }));
  schedule(item);
}
function actionButton({ label, event, detail }) {
  const button2 = document.createElement("button");
  button2.type = "button";
  button2.className = "toast-action";
  button2.textContent = label;
  button2.addEventListener("click", () => {
    button2.closest("[data-toast]").remove();
    document.dispatchEvent(new CustomEvent(event, { detail }));
  });
  return button2;
}
function closeButton() {
  const button2 = document.createElement("button");
  button2.type = "button";
  button2.dataset.closeToast = "";
  button2.setAttribute("aria-label", say("Close"));
  button2.append(icon("x"));
  return button2;
}
function schedule(item) {
  if (item.dataset.toast === "error" || item.dataset.toast === "warning") return;
  const leave = () => item.matches(":hover, :focus-within") ? setTimeout(leave, 2e3) : item.remove();
  setTimeout(leave, SHOWN_MS);
}
each("[data-toast]", schedule);
on("click", "[data-close-toast]", (_event, button2) => button2.closest("[data-toast]").remove());
document.addEventListener("toast", (event) => toast(event.detail.tone ?? "info", event.detail.text ?? "", event.detail));

// clm/base/assets/js/requests.js
var running = 0;
var loading = (step) => {
  running = Math.max(0, running + step);
  document.documentElement.classList.toggle("is-loading", running > 0);
};
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) event.detail.ctx.request.headers["X-CSRFToken"] = token;
});
document.addEventListener("htmx:before:request", () => loading(1));
document.addEventListener("htmx:finally:request", () => loading(-1));
var messages = { 401: "SignedOut", 403: "Forbidden", 404: "Gone", 429: "TooMany" };
document.addEventListener("htmx:response:error", (event) => {
  const { status: status2, headers } = event.detail.ctx.response.raw;
  if (status2 === 422 || status2 === 409) return;
  const id = headers.get("X-Request-ID");
  toast("error", say(messages[status2] ?? (status2 >= 500 ? "Broken" : "Refused")), { detail: id && `${say("RequestId")} ${id}` });
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && !event.detail.ctx.response) toast("error", say("Offline"));
});

// clm/base/assets/js/floating.js
var GAP = 8;
function place(panel3, button2) {
  const anchor = button2.getBoundingClientRect();
  const width = panel3.offsetWidth;
  const height = panel3.offsetHeight;
  const wanted = panel3.dataset.align === "end" ? anchor.right - width : anchor.left;
  const left = Math.max(GAP, Math.min(wanted, document.documentElement.clientWidth - width - GAP));
  const below = anchor.bottom + height + GAP <= innerHeight || anchor.top < height + GAP;
  const top = below ? anchor.bottom : anchor.top - height - GAP;
  Object.assign(panel3.style, { left: `${left + scrollX}px`, top: `${top + scrollY}px` });
}
document.addEventListener("toggle", (event) => {
  const panel3 = event.target;
  if (!(panel3 instanceof HTMLElement) || !panel3.matches("[popover].floating")) return;
  const button2 = document.querySelector(`[popovertarget="${CSS.escape(panel3.id)}"]`);
  const open2 = event.newState === "open";
  button2?.setAttribute("aria-expanded", String(open2));
  if (open2 && button2) place(panel3, button2);
}, true);
document.addEventListener("click", (event) => {
  const panel3 = event.target instanceof Element && event.target.closest("a[download]")?.closest(".floating:popover-open");
  if (panel3) panel3.hidePopover();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const panel3 = event.target instanceof Element ? event.target.closest(".floating") ?? document.getElementById(event.target.getAttribute("popovertarget") ?? "") : null;
  if (!panel3?.matches(".floating:popover-open")) return;
  const items = [...panel3.querySelectorAll("a, button, input")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = items[(items.indexOf(document.activeElement) + step + items.length) % items.length];
  if (next) {
    next.focus();
    event.preventDefault();
  }
});

// clm/base/assets/js/peek.js
var DELAY = 250;
var EDGE = 16;
var ENOUGH = 320;
var known = /* @__PURE__ */ new Map();
var asker = null;
var timer = 0;
var panel = () => document.getElementById("peek");
function later(work) {
  clearTimeout(timer);
  timer = setTimeout(work, DELAY);
}
function close() {
  clearTimeout(timer);
  asker?.removeAttribute("aria-describedby");
  asker = null;
  if (panel()?.matches(":popover-open")) panel().hidePopover();
}
function address(button2) {
  const url = new URL(button2.dataset.peek, location.href);
  const page = new URLSearchParams(location.search);
  for (const name of (panel().dataset.with ?? "").split(" ")) if (page.get(name)) url.searchParams.set(name, page.get(name));
  return url.href;
}
async function asked(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  return answer?.ok && !answer.redirected ? answer.text() : null;
}
function show2(button2, html) {
  panel().innerHTML = html;
  panel().style.left = "0";
  const { top, bottom } = button2.getBoundingClientRect();
  const below = innerHeight - bottom;
  panel().style.maxHeight = `min(70vh, ${(below < ENOUGH ? Math.max(top, below) : below) - EDGE}px)`;
  place(panel(), button2);
}
async function open(button2) {
  if (!panel() || asker === button2) return;
  close();
  asker = button2;
  button2.setAttribute("aria-describedby", "peek");
  const url = address(button2);
  panel().textContent = panel().dataset.loading;
  panel().showPopover();
  place(panel(), button2);
  const html = known.get(url) ?? await asked(url);
  if (html) known.set(url, html);
  if (asker === button2) show2(button2, html ?? panel().dataset.failed);
}
var button = (event) => event.target instanceof Element ? event.target.closest("[data-peek]") : null;
document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const over = button(event);
  if (over && over !== asker) later(() => open(over));
  else if (over || event.target.closest?.("#peek")) clearTimeout(timer);
  else if (asker && asker !== document.activeElement) later(close);
  else if (!asker) clearTimeout(timer);
});
document.addEventListener("focusin", (event) => {
  const at = button(event);
  if (at?.matches(":focus-visible")) later(() => open(at));
});
document.addEventListener("focusout", (event) => {
  if (button(event)) later(close);
});
document.addEventListener("click", (event) => {
  const at = button(event);
  if (at) open(at);
  else if (asker && !event.target.closest?.("#peek")) close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && asker) close();
});

// clm/base/assets/js/dialogs.js
on("click", "[data-open-dialog]", (event, button2) => {
  event.preventDefault();
  const dialog = document.getElementById(button2.dataset.openDialog);
  if (dialog && !dialog.open) dialog.showModal();
});
on("click", "[data-close-dialog]", (_event, button2) => button2.closest("dialog")?.close());
on("click", "dialog.sheet", (event, dialog) => {
  if (event.target === dialog) dialog.close();
});
each("dialog[data-open-now]", (dialog) => dialog.showModal());
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail?.ctx?.target ?? event.target;
  const dialog = target instanceof Element ? target.closest("dialog[data-open-on-load]") : null;
  if (dialog && !dialog.open) dialog.showModal();
});
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  const told = event.submitter?.dataset.confirmTold && document.querySelector(event.submitter.dataset.confirmTold);
  const lead = told ? `${told.textContent.trim().replace(/\s+/g, " ")}

` : "";
  if (question && !confirm(lead + question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

// clm/base/assets/js/unsaved.js
var changed = /* @__PURE__ */ new Set();
each("form[data-guard]", (form) => {
  form.addEventListener("input", () => changed.add(form));
  form.addEventListener("submit", () => changed.delete(form));
  form.addEventListener("reset", () => changed.delete(form));
});
addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});

// clm/base/assets/js/copy.js
on("click", "[data-copy], [data-copy-from]", async (_event, button2) => {
  const source = button2.dataset.copyFrom && document.querySelector(button2.dataset.copyFrom);
  await navigator.clipboard.writeText(source ? (source.value ?? source.textContent).trim() : button2.dataset.copy);
  toast("success", say("Copied"));
});
on("click", "[data-print]", () => print());

// clm/base/assets/js/files.js
var size = (bytes) => {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = Math.min(3, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: units[step], maximumFractionDigits: 1 }).format(bytes / 1e3 ** step);
};
each("[data-drop-zone]", (zone) => {
  const input = zone.querySelector('input[type="file"]');
  const name = zone.querySelector("[data-file-name]");
  const show4 = () => {
    if (name) name.textContent = [...input.files].map((file) => `${file.name} (${size(file.size)})`).join(", ");
  };
  for (const type of ["dragenter", "dragover"])
    zone.addEventListener(type, (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
  for (const type of ["dragleave", "drop"]) zone.addEventListener(type, () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", show4);
});

// clm/base/assets/js/rows.js
each("[data-select-rows]", (table) => {
  const boxes = () => [...table.querySelectorAll('tbody input[type="checkbox"][name]')];
  const all = table.querySelector("[data-select-all]");
  const bar = document.getElementById(table.dataset.bulkBar ?? "");
  const matching = bar?.querySelector("[data-all-chosen]");
  let last2 = null;
  const show4 = () => {
    const chosen2 = boxes().filter((box2) => box2.checked);
    const isWhole = chosen2.length > 0 && chosen2.length === boxes().length;
    boxes().forEach((box2) => box2.closest("tr").classList.toggle("is-selected", box2.checked));
    if (all) {
      all.checked = isWhole;
      all.indeterminate = chosen2.length > 0 && !isWhole;
    }
    if (!bar) return;
    if (!isWhole) matching?.replaceChildren();
    const everything = matching?.querySelector("[data-all-matching]")?.dataset.allMatching;
    bar.hidden = chosen2.length === 0;
    bar.querySelectorAll("[data-selected-count]").forEach((element) => element.textContent = everything ?? String(chosen2.length));
    bar.querySelectorAll("[data-choose-all]").forEach((button2) => button2.hidden = !isWhole || everything !== void 0);
  };
  table.addEventListener("click", (event) => {
    const box2 = event.target;
    if (!(box2 instanceof HTMLInputElement) || box2.type !== "checkbox") return;
    if (box2 === all) boxes().forEach((each2) => each2.checked = all.checked);
    else {
      if (event.shiftKey && last2) {
        const [from, to] = [boxes().indexOf(last2), boxes().indexOf(box2)].sort((a, b) => a - b);
        boxes().slice(from, to + 1).forEach((each2) => each2.checked = box2.checked);
      }
      last2 = box2;
    }
    show4();
  });
  document.addEventListener("htmx:after:swap", show4);
  bar?.querySelector("[data-clear-selection]")?.addEventListener("click", () => {
    boxes().forEach((box2) => box2.checked = false);
    show4();
  });
  show4();
});

// clm/base/assets/js/cells.js
each("[data-cell-form]", (form) => {
  form.querySelector("input:not([type=hidden]), select")?.focus();
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    form.querySelector("[data-cell-cancel]")?.click();
  });
});
each(".cell-edit[autofocus]", (link) => link.focus());

// clm/base/assets/js/order.js
var drag = null;
var rows = (list) => [...list.children].filter((child) => child.matches("li"));
on("pointerdown", "[data-grip]", (event, grip) => {
  const row = grip.closest("li");
  const list = row?.closest("[data-order]");
  if (!list || event.button !== 0 || drag) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  drag = { list, row, before: rows(list), pointer: event.pointerId };
  row.classList.add("is-dragged");
});
document.addEventListener("pointermove", (event) => {
  if (event.pointerId !== drag?.pointer) return;
  scrollAtEdge(event.clientY);
  const { list, row } = drag;
  const next = rows(list).find((one) => one !== row && event.clientY < middle(one)) ?? null;
  if (next !== row.nextElementSibling) list.insertBefore(row, next);
});
document.addEventListener("pointerup", (event) => {
  if (event.pointerId === drag?.pointer) drop();
});
document.addEventListener("pointercancel", () => giveUp());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) {
    event.preventDefault();
    giveUp();
  }
}, true);
var middle = (row) => {
  const box2 = row.getBoundingClientRect();
  return box2.top + box2.height / 2;
};
function scrollAtEdge(y) {
  const near = 48;
  if (y < near) scrollBy(0, y - near);
  else if (y > innerHeight - near) scrollBy(0, y - innerHeight + near);
}
function end() {
  drag.row.classList.remove("is-dragged");
  const ended = drag;
  drag = null;
  return ended;
}
function drop() {
  const { list, row, before } = end();
  const by = rows(list).indexOf(row) - before.indexOf(row);
  if (by === 0) return;
  const button2 = row.querySelector("[data-by]");
  button2.value = String(by);
  const form = button2.form;
  form.addEventListener("htmx:finally:request", (event) => {
    const status2 = event.detail.ctx.response?.raw?.status ?? 0;
    if (status2 === 0 || status2 === 403 || status2 >= 500) before.forEach((one) => list.append(one));
  }, { once: true });
  form.requestSubmit(button2);
}
function giveUp() {
  if (!drag) return;
  const { list, before } = end();
  before.forEach((one) => list.append(one));
}
on("keydown", "[data-order] > li", (event, row) => {
  if (!event.altKey || event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  const button2 = row.querySelector(event.key === "ArrowUp" ? "[value=up]" : "[value=down]");
  if (!button2) return;
  event.preventDefault();
  if (button2.disabled) return;
  button2.focus();
  button2.click();
});

// clm/base/assets/js/search.js
var box = document.querySelector("[data-search]");
var panel2 = document.getElementById("quick-found");
var status = document.querySelector("[data-search-status]");
var options = () => [...panel2.querySelectorAll("[role=option]")];
var chosen = () => panel2.querySelector("[aria-selected=true]");
function show3(open2) {
  panel2.classList.toggle("is-open", open2);
  box.setAttribute("aria-expanded", String(open2));
  if (!open2) choose(null);
}
function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) box.setAttribute("aria-activedescendant", option.id);
  else box.removeAttribute("aria-activedescendant");
}
function walk(step) {
  const stops = [null, ...options()];
  choose(stops[(stops.indexOf(chosen()) + step + stops.length) % stops.length]);
}
function forget() {
  panel2.replaceChildren();
  status.textContent = "";
  show3(false);
}
var acts = {
  ArrowDown: () => {
    if (options().length) {
      show3(true);
      walk(1);
    }
  },
  ArrowUp: () => {
    if (options().length) {
      show3(true);
      walk(-1);
    }
  },
  Escape: () => {
    if (panel2.classList.contains("is-open")) show3(false);
    else {
      box.value = "";
      forget();
      box.blur();
    }
  }
};
if (box && panel2) {
  box.addEventListener("input", () => {
    if (!box.value.trim()) forget();
  });
  box.addEventListener("focus", () => {
    if (options().length) show3(true);
  });
  box.addEventListener("keydown", (event) => {
    const option = chosen();
    if (event.key === "Enter" && option) {
      event.preventDefault();
      option.click();
      return;
    }
    if (acts[event.key]) {
      event.preventDefault();
      event.stopPropagation();
      acts[event.key]();
    }
  });
  panel2.addEventListener("mousedown", (event) => event.preventDefault());
  document.addEventListener("htmx:after:swap", () => {
    const said = panel2.querySelector("[data-search-says]");
    if (!said) return;
    if (!box.value.trim()) {
      forget();
      return;
    }
    if (status.textContent !== said.textContent) status.textContent = said.textContent;
    if (document.activeElement === box) show3(options().length > 0);
  });
}

// clm/base/assets/js/insert.js
var TAKES = "[data-takes-placeholders]";
var last = null;
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(TAKES)) last = event.target;
});
on("click", "[data-insert]", (_event, button2) => {
  const field = last?.isConnected ? last : document.querySelector(TAKES);
  if (!field) return;
  const text = button2.dataset.insert;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// clm/base/assets/js/slips.js
var unmark = (field) => {
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
  document.getElementById(`${field.id}-error`)?.remove();
};
function mark(field, reason) {
  const told = document.getElementById(`${field.id}-error`) ?? document.createElement("div");
  Object.assign(told, { id: `${field.id}-error`, className: "field-errors", textContent: reason });
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", told.id);
  field.closest(".field-row").append(told);
  field.closest("details")?.setAttribute("open", "");
}
document.addEventListener("htmx:after:swap", (event) => {
  const preview = event.detail?.ctx?.target ?? event.target;
  if (!(preview instanceof Element) || !preview.matches(".condition-preview")) return;
  const builder = document.getElementById(preview.id.replace(/preview$/, "builder"));
  const slips = new Map([...preview.querySelectorAll("[data-slip]")].map((slip) => [slip.dataset.slip, slip.dataset.reason]));
  builder?.querySelectorAll("[aria-invalid]").forEach((field) => field.value && !slips.has(field.id) && unmark(field));
  for (const [id, reason] of slips) {
    const field = document.getElementById(id);
    if (field) mark(field, reason);
  }
});

// clm/base/assets/js/keys.js
var press = (selector) => () => document.querySelector(selector)?.click();
var rows2 = () => [...document.querySelectorAll(".data-table tbody tr")];
function walk2(step) {
  const all = rows2();
  const here = all.findIndex((row2) => row2.classList.contains("is-cursor"));
  const row = all[Math.max(0, Math.min(all.length - 1, here + step))];
  if (!row) return;
  all[here]?.classList.remove("is-cursor");
  row.classList.add("is-cursor");
  (row.querySelector("a.row-link, a, button") ?? row).focus();
  row.scrollIntoView({ block: "nearest" });
}
function find() {
  const box2 = document.querySelector("[data-search]");
  box2?.focus();
  box2?.select();
}
var keys = {
  "/": find,
  "?": () => {
    const help = document.getElementById("keys-help");
    if (help && !help.open) help.showModal();
  },
  j: () => walk2(1),
  k: () => walk2(-1),
  x: () => document.querySelector(".is-cursor input[type=checkbox]")?.click(),
  c: press("[data-key=c]"),
  e: press("[data-key=e]")
};
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    find();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || document.querySelector("dialog[open]")) return;
  const act = keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

// clm/base/assets/js/lazy.js
var library;
each("[data-chart]", (element) => {
  library ??= import(document.body.dataset.charts);
  library.then(({ draw }) => draw(element));
});
each("[data-chart-table]", (button2) => button2.addEventListener("click", () => {
  const figure = button2.closest("figure");
  const table = figure.querySelector("[data-table-view]");
  table.hidden = !table.hidden;
  figure.querySelector("[data-chart]").hidden = !table.hidden;
  button2.setAttribute("aria-pressed", String(!table.hidden));
  if (table.hidden) dispatchEvent(new Event("resize"));
}));

// clm/base/assets/js/tabs.js
each(".tab-bar [aria-current]", (tab) => {
  const bar = tab.closest(".tab-bar");
  const beyond = tab.offsetLeft + tab.offsetWidth - bar.offsetLeft - bar.clientWidth;
  const tools = bar.querySelector(".tab-extra");
  const covered = tools && getComputedStyle(tools).position === "sticky" ? tools.offsetWidth : 0;
  if (beyond + covered > 0) bar.scrollLeft = beyond + covered + 16;
});

// clm/base/assets/js/named.js
var sought = document.getElementById(location.hash.slice(1)) ? "" : location.hash.slice(1);
for (const type of ["wheel", "touchmove", "keydown", "pointerdown"])
  addEventListener(type, () => {
    sought = "";
  }, { once: true, passive: true });
document.addEventListener("htmx:after:swap", () => {
  if (!sought || !document.getElementById(sought)) return;
  sought = "";
  location.replace(location.hash);
});
