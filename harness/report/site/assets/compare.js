// The difference of any two nights, from the verdicts that lie beside each.
"use strict";
(() => {
  const { letters, kinds, former } = JSON.parse(document.getElementById("words").textContent);
  const form = document.getElementById("choose");
  const said = document.getElementById("said");
  const table = document.getElementById("differences");
  const most = 300;  // rows, so that the page stays quick after a night that has lost a host
  const nights = window.testbedNights ?? [];
  const loaded = new Map();

  // Nights of former versions name a route by its infrastructures, and so does the address of a cell.
  const formerNights = new Set();
  // What a larger extent would show more of; nights of former versions do not say.
  const beyond = new Map();
  window.testbedVerdicts = (id, verdicts, more = []) => {
    beyond.set(id, new Set(more));
    const named = Object.entries(verdicts).map(([key, letter]) => {
      const [requirement, route] = key.split(" ");
      if (!(route in former)) return [key, letter];
      formerNights.add(id);
      return [`${requirement} ${former[route]}`, letter];
    });
    loaded.set(id, Object.fromEntries(named));
  };
  const formerName = Object.fromEntries(Object.entries(former).map(([was, is]) => [is, was]));
  const address = (night, id, route) => {
    const name = formerNights.has(night) ? formerName[route].replace(":", "-") : route.replace(":", ".");
    return `../${night}/cells/${id}/${name}.html`;
  };
  const load = (id) => new Promise((done, failed) => {
    if (loaded.has(id)) { done(loaded.get(id)); return; }
    const script = document.createElement("script");
    script.src = `../${id}/verdicts.js`;
    script.onload = () => done(loaded.get(id));
    script.onerror = () => failed(new Error(`the verdicts of ${id} are not there`));
    document.head.append(script);
  });

  const kindOf = (from, to) => {
    const broken = (one) => one === "D" || one === "S";
    const silent = (one) => one === "I" || one === "N";
    const kind = (name) => kinds.indexOf(name);
    if (broken(to) && !broken(from)) return kind(to === "D" ? "new deviation" : "new site fault");
    if (!from) return kind("added");
    if (!to) return kind("removed");
    if (silent(to) && !silent(from)) return kind("newly inconclusive");
    if (to === "C" && (broken(from) || from === "K")) return kind("repaired");
    if (silent(from) && !silent(to)) return kind("conclusive again");
    return kind("other");
  };
  const badge = (letter) => {
    const box = document.createElement("span");
    if (!letter) { box.textContent = "absent"; return box; }
    box.className = `v ${letter}`;
    const bold = document.createElement("b");
    bold.textContent = letter;
    const word = document.createElement("span");
    word.className = "word";
    word.textContent = ` ${letters[letter]}`;
    box.title = letters[letter];
    box.append(bold, word);
    return box;
  };
  const cell = (row, ...content) => row.insertCell().append(...content);

  const show = async () => {
    const { from, to } = Object.fromEntries(new FormData(form));
    history.replaceState(null, "", `#from=${from}&to=${to}`);
    let before, after;
    try {
      [before, after] = await Promise.all([load(from), load(to)]);
    } catch (error) {
      said.textContent = `This cannot be compared: ${error.message}.`;
      table.hidden = true;
      return;
    }
    const found = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
      .filter((key) => before[key] !== after[key] && beyond.get(from).has(key) === beyond.get(to).has(key))
      .map((key) => ({ key, from: before[key], to: after[key], kind: kindOf(before[key], after[key]) }))
      .sort((a, b) => a.kind - b.kind);
    const body = table.tBodies[0];
    body.replaceChildren();
    for (const one of found.slice(0, most)) {
      const [id, route] = one.key.split(" ");
      const row = body.insertRow();
      const link = document.createElement("a");
      link.href = address(one.to ? to : from, id, route);
      link.textContent = id;
      cell(row, kinds[one.kind]);
      cell(row, link);
      cell(row, route.replace(":", " → "));
      cell(row, badge(one.from));
      cell(row, badge(one.to));
    }
    table.hidden = found.length === 0;
    said.textContent = found.length
      ? `${found.length} ${found.length === 1 ? "verdict differs" : "verdicts differ"}${found.length > most ? `; the gravest ${most} are listed` : ""}.`
      : "Every verdict is the same in both.";
  };

  const asked = new URLSearchParams(location.hash.slice(1));
  for (const name of ["from", "to"]) {
    for (const [id, start] of nights) form.elements[name].add(new Option(`${start} (${id})`, id));
  }
  if (nights.length < 2) { said.textContent = "There is one night only."; return; }
  form.elements.from.value = asked.get("from") ?? nights[1][0];
  form.elements.to.value = asked.get("to") ?? nights[0][0];
  form.addEventListener("input", show);
  show();
})();
