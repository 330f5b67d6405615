// The steps of evidence. The file of each attempt is packed in a script of its own, which a page can load
// from the disk, too: it calls testbedEvidence (harness/conformance/evidence.py).
"use strict";
(() => {
  const parts = [...document.querySelectorAll(".packed")];
  const whole = (part) => part.querySelector("a.whole");
  const sources = new Map(parts.map((part) => [part, whole(part).getAttribute("href")]));
  const named = (path) => decodeURIComponent(path).split("/").pop().replace(/\.[^.]*$/, "");

  const inflated = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  const flat = (steps, depth = 0) =>
    steps.flatMap((step) => [[step, depth], ...flat(step.steps, depth + 1)]);

  const made = (name, text, properties = {}) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(text);
    return element;
  };

  const box = (text, label) => {
    const pre = made("pre", text, { tabIndex: 0 });
    if (label) pre.setAttribute("aria-label", label);
    return pre;
  };

  const shown = ([step, depth], command, open) => {
    const failed = step.status !== "passed";
    const took = `${Math.round(1000 * (step.stop - step.start))} ms${failed ? ", failed" : ""}`;
    const summary = made("summary", `${step.title} `);
    summary.append(made("i", took));
    const details = made("details", summary, { open: open && failed });
    if (step.sent) details.append(box(step.sent, "sent"));
    if (step.answer) {
      const answer = box(step.answer, "answered");
      answer.className = "answer";
      details.append(answer);
    }
    if (command) {
      const curl = made("details", made("summary", "curl"), { className: "curl" });
      curl.append(box(command));
      details.append(curl);
    }
    const item = made("li", details, { className: failed ? "failed" : "" });
    item.style.setProperty("--depth", depth);
    return item;
  };

  const say = (part, text) => part.append(made("p", text, { className: "said" }));

  const show = (part, commands, content) => {
    const { steps } = JSON.parse(new TextDecoder().decode(content));
    // What failed is shown above the steps, where the page has it; beside them, it is opened.
    const open = !part.querySelector(".failure");
    const items = flat(steps).map((one, number) => shown(one, commands[number], open));
    part.querySelector(".steps").replaceChildren(...items);
    for (const one of part.querySelectorAll("[hidden]")) one.hidden = false;
    const link = whole(part);
    link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
    link.download = `${named(sources.get(part))}.json`;
  };

  window.testbedEvidence = async (file, packed) => {
    const wanted = parts.filter((part) => named(sources.get(part)) === named(file));
    try {
      const data = await inflated(packed);
      const end = data.indexOf(10);
      const commands = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
      for (const part of wanted) show(part, commands, data.subarray(end + 1));
    } catch (error) {
      for (const part of wanted) say(part, `The packed file of this evidence cannot be read: ${error}`);
    }
  };

  const load = (path) => {
    const script = made("script", "", { src: path });
    script.onerror = () => {
      for (const part of parts.filter((one) => sources.get(one) === path)) {
        say(part, `The packed file of this evidence is not there: ${path}`);
      }
    };
    document.head.append(script);
  };

  if (window.DecompressionStream) {
    // How to unpack it without this script.
    document.querySelector(".plainly")?.remove();
    new Set(sources.values()).forEach(load);
  } else {
    for (const part of parts) say(part, "This browser is too old to unpack what was sent and answered.");
  }
})();
