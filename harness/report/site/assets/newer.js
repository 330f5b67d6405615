// Says on a page of a night that there is a newer one, and leads to the same page of that.
"use strict";
(() => {
  const said = document.getElementById("newer");
  const [night, start] = window.testbedLatest ?? [];
  if (!night || night <= said.dataset.night) return;
  said.querySelector("time").textContent = start;
  // Pages of which there are thousands do not say it themselves.
  said.querySelector("a").href ||= location.href.replace(`/${said.dataset.night}/`, "/latest/");
  said.hidden = false;
})();
