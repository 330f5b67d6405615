// The matrix: titles and histories of its cells, and a filter that counts, and that the address holds.
"use strict";
(() => {
  const { nights, routes, counted } = JSON.parse(document.getElementById("columns").textContent);
  const table = document.getElementById("matrix");
  const form = document.getElementById("filter");
  const count = document.getElementById("count");
  const names = Object.fromEntries(
    [...form.elements.verdict.options].map((option) => [option.value, option.text.slice(2)]));
  // A list of options is shown with what each would leave.
  const lists = [...form.elements].filter((field) => field.options);
  for (const { options } of lists) for (const option of options) option.dataset.text = option.text;

  // "C28D2": 28 nights conformant, then two that deviate; drawn as the background of a stripe below the letter.
  const stripe = (packed) => {
    let at = 0;
    const stops = [...packed.matchAll(/(\D)(\d*)/g)].map(([, letter, length]) => {
      const from = at;
      at += Number(length || 1);
      const colour = letter === " " ? "transparent" : `var(--${letter})`;
      return `${colour} ${(100 * from) / nights}% ${(100 * at) / nights}%`;
    });
    return `linear-gradient(90deg, ${stops.join(", ")})`;
  };

  const data = [...table.querySelectorAll("tbody tr:not(.group)")].map((row) => {
    const [head, ...cells] = row.cells;
    const id = head.querySelector("a").textContent;
    for (const cell of cells) {
      if (!cell.dataset.h) continue;
      cell.style.setProperty("--history", stripe(cell.dataset.h));
      cell.firstChild.title = `${id} ${routes[cell.cellIndex - 1].id}: ${names[cell.textContent]}`;
    }
    return {
      row, family: id.split("-")[0], level: head.querySelector("i").textContent,
      text: head.textContent.toLowerCase(),
      // Where the routes have no columns, a column has a verdict.
      letters: cells.map((cell, n) => (routes.length ? cell.textContent : cell.textContent && counted[n])),
    };
  });

  // `egi:cstcloud` means all sites of CSTCloud, and `*` anybody, as on the command line.
  const meant = (pattern, { home, resource, site }) => {
    const [from, to] = pattern.split(":");
    return ["*", home].includes(from) && ["*", resource, site].includes(to);
  };
  const fits = (one, { family, level, route, verdict, q }) => {
    if ((family && one.family !== family) || (level && one.level !== level)) return false;
    if (q && !one.text.includes(q.toLowerCase())) return false;
    return one.letters.some((letter, column) => letter && (!verdict || letter === verdict)
      && (!route || !routes.length || meant(route, routes[column])));
  };
  const wanted = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  const show = () => {
    const asked = wanted();
    let shown = 0;
    for (const one of data) {
      const fit = fits(one, asked);
      one.row.hidden = !fit;
      shown += fit;
      one.letters.forEach((letter, column) => one.row.cells[column + 1].classList.toggle("dim", Boolean(
        (asked.route && routes.length && !meant(asked.route, routes[column]))
        || (asked.verdict && letter !== asked.verdict))));
    }
    for (const body of table.tBodies) {
      const left = [...body.rows].filter((row) => !row.hidden && !row.classList.contains("group"));
      body.hidden = !left.length;
      body.querySelector("b").textContent = left.length;
    }
    for (const list of lists) {
      for (const option of list.options) {
        const many = data.filter((one) => fits(one, { ...asked, [list.name]: option.value })).length;
        option.text = `${option.dataset.text} (${many})`;
      }
    }
    count.textContent = count.dataset.form.replace("{shown}", shown).replace("{all}", data.length);
    enter();
  };
  // The table is one stop of the tabulator; arrows lead from link to link within it.
  const links = (row) => [...row.cells].map((cell) => cell.querySelector("a"));
  const stop = (link) => {
    for (const old of table.tBodies) for (const one of old.querySelectorAll("a[tabindex='0']")) one.tabIndex = -1;
    link.tabIndex = 0;
    return link;
  };
  const within = () => data.filter(({ row }) => !row.hidden);
  const enter = () => {
    const here = table.querySelector("tbody a[tabindex='0']");
    const [first] = within();
    if (first && (!here || here.closest("tr").hidden)) stop(links(first.row)[0]);
  };
  const step = (event) => {
    const here = event.target.closest("tbody a");
    if (!here || event.altKey || event.metaKey) return;
    const rows = within().map(({ row }) => row);
    const cells = links(here.closest("tr"));
    const row = rows.indexOf(here.closest("tr"));
    const column = cells.indexOf(here);
    // The nearest link of a row or a column, away from here.
    const next = (from) => from.find(Boolean);
    const beside = (way) => next(way > 0 ? cells.slice(column + 1) : cells.slice(0, column).reverse());
    const over = (list) => next(list.map((one) => links(one)[column]));
    const ends = event.ctrlKey ? [links(rows[0]), links(rows.at(-1))] : [cells, cells];
    const to = {
      ArrowRight: () => beside(1), ArrowLeft: () => beside(-1),
      ArrowDown: () => over(rows.slice(row + 1)), ArrowUp: () => over(rows.slice(0, row).reverse()),
      Home: () => next(ends[0]), End: () => next([...ends[1]].reverse()),
    }[event.key]?.();
    if (!to) return;
    event.preventDefault();
    stop(to).focus();
  };
  for (const { row } of data) for (const link of links(row)) if (link) link.tabIndex = -1;
  table.addEventListener("keydown", step);
  table.addEventListener("focusin", (event) => event.target.closest("tbody a") && stop(event.target.closest("a")));

  const choose = (field, value) => {
    // An address may hold a pattern that the list of routes has not.
    const listed = !field.options || [...field.options].some((option) => option.value === value);
    if (!listed) {
      const option = new Option(value, value);
      option.dataset.text = value;
      field.add(option);
    }
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
