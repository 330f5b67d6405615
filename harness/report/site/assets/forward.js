// A page of `latest/` leads to the same page of the newest night.
"use strict";
(() => {
  const here = new URL(".", document.currentScript.src).href;
  const [night] = window.testbedLatest ?? [];
  if (night && location.href.startsWith(here)) {
    location.replace(new URL(`../${night}/`, here).href + location.href.slice(here.length));
  }
})();
