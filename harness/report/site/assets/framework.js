// The framework: each verdict leads to the page of its requirement on that route.
"use strict";
(() => {
  for (const table of document.querySelectorAll("table.rules")) {
    const routes = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.dataset.route);
    for (const cell of table.querySelectorAll("td[class]:not(.untested)")) {
      const id = cell.parentElement.cells[0].querySelector("a").textContent;
      const route = routes[cell.cellIndex - 1];
      if (!route) continue;  // the row counts routes
      const link = document.createElement("a");
      link.href = `cells/${id}/${route.replace(":", ".")}.html`;
      link.title = `${id} ${route}`;
      link.textContent = cell.textContent;
      cell.replaceChildren(link);
    }
  }
})();
