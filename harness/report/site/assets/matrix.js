// The matrix: links and histories of its cells, and a filter that the address holds.
"use strict";
(() => {
  const { nights, routes, ends, names, strips } = JSON.parse(document.getElementById("history").textContent);
  const rows = [...document.querySelectorAll("#matrix tbody tr")];
  const form = document.getElementById("filter");
  const count = document.getElementById("count");
  const drawing = "http://www.w3.org/2000/svg";

  // "C28D2": 28 nights conformant, then two that deviate.
  const sparkline = (packed) => {
    const svg = document.createElementNS(drawing, "svg");
    svg.setAttribute("viewBox", `0 0 ${nights} 10`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("shape-rendering", "crispEdges");
    let at = 0;
    for (const [, letter, length] of packed.matchAll(/(\D)(\d*)/g)) {
      const wide = Number(length || 1);
      if (letter !== " ") {
        const rect = document.createElementNS(drawing, "rect");
        rect.setAttribute("class", letter);
        rect.setAttribute("x", at);
        // A little more than its share: no seam shows between two.
        rect.setAttribute("width", wide + 0.05);
        rect.setAttribute("height", 10);
        svg.append(rect);
      }
      at += wide;
    }
    return svg;
  };

  const data = rows.map((row, number) => {
    const id = row.cells[0].querySelector("a").textContent;
    const letters = routes.map((route, column) => {
      const cell = row.cells[column + 1];
      const letter = cell.textContent;
      if (letter) {
        const link = document.createElement("a");
        link.href = `cells/${id}/${route.replace(":", ".")}.html`;
        link.textContent = letter;
        link.title = `${id} ${route}: ${names[letter]}`;
        const strip = strips[number]?.[column];
        if (strip) link.append(sparkline(strip));
        cell.replaceChildren(link);
      }
      return letter;
    });
    return {
      row, letters, family: id.split("-")[0], level: row.querySelector("i").textContent,
      text: row.cells[0].textContent.toLowerCase(),
    };
  });

  // `egi:cstcloud` means all sites of CSTCloud, and `*` anybody, as on the command line.
  const meant = (pattern, column) => {
    const [home, resource] = pattern.split(":");
    return ["*", ends[column].home].includes(home)
      && ["*", ends[column].resource, ends[column].site].includes(resource);
  };
  const wanted = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  const show = () => {
    const { family, level, route, verdict, q } = wanted();
    let shown = 0;
    for (const one of data) {
      const columns = [...routes.keys()].filter((column) => !route || meant(route, column));
      const fits = (!family || one.family === family) && (!level || one.level === level)
        && (!q || one.text.includes(q.toLowerCase()))
        && columns.some((column) => verdict ? one.letters[column] === verdict : one.letters[column]);
      one.row.hidden = !fits;
      shown += fits;
      routes.forEach((name, column) => one.row.cells[column + 1].classList.toggle("dim", Boolean(
        (route && !columns.includes(column)) || (verdict && one.letters[column] !== verdict))));
    }
    count.textContent = `${shown} of ${data.length}`;
  };
  const choose = (field, value) => {
    // An address may hold a pattern that the list of routes has not.
    const listed = !field.options || [...field.options].some((option) => option.value === value);
    if (!listed) field.add(new Option(value, value));
    field.value = value;
  };
  const read = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const field of form.elements) if (field.name) choose(field, asked.get(field.name) ?? "");
    show();
  };
  const write = () => {
    const words = new URLSearchParams(wanted()).toString().replaceAll("%3A", ":");
    history.replaceState(null, "", words ? `#${words}` : location.pathname + location.search);
    show();
  };
  form.addEventListener("input", write);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(write));
  addEventListener("hashchange", read);
  form.hidden = false;
  read();
})();
