// On a phone a bar of tabs is swiped: the one that is shown is brought into view.
import { each } from "./page.js";

each(".tab-bar [aria-current]", (tab) => {
  const bar = tab.closest(".tab-bar");
  const beyond = tab.offsetLeft + tab.offsetWidth - bar.offsetLeft - bar.clientWidth;
  const tools = bar.querySelector(".tab-extra");
  const covered = tools && getComputedStyle(tools).position === "sticky" ? tools.offsetWidth : 0;
  if (beyond + covered > 0) bar.scrollLeft = beyond + covered + 16;
});
