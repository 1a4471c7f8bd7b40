// Everything here is a comfort: without it the tables carry the page.
(() => {
  "use strict";
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  document.documentElement.classList.add("js");

  // Charts: the option is data; nothing in it is ever run.
  const charts = [];
  for (const spec of all('script[type="application/json"][data-chart]')) {
    const box = document.getElementById(spec.dataset.chart);
    const { option, tips } = JSON.parse(spec.textContent);
    option.textStyle = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 };
    option.tooltip = Object.assign({}, option.tooltip, {
      renderMode: "richText",
      formatter: (hit) => tips[(Array.isArray(hit) ? hit[0] : hit).dataIndex] || "",
    });
    const chart = echarts.init(box, null, { renderer: "svg" });
    chart.setOption(option);
    charts.push(chart);
    const numbers = box.closest("figure").querySelector("details.numbers");
    if (numbers) numbers.open = false;
  }
  // Paper does not wait for the next frame.
  const fit = (chart, width) => {
    chart.resize({ width });
    chart.getZr().flush();
  };
  addEventListener("resize", () => charts.forEach((chart) => chart.resize()));

  // Sorting: a button in each heading of a sortable table.
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    return text === "" ? null : Number.isNaN(Number(text)) ? text.toLowerCase() : Number(text);
  };
  const order = (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en");
  };
  for (const table of all("table.sortable")) {
    all("thead th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = all("tbody tr", table);
        rows.sort((a, b) => {
          const x = keyOf(a, column), y = keyOf(b, column);
          return x === null || y === null ? order(x, y) : (down ? -1 : 1) * order(x, y);
        });
        table.tBodies[0].append(...rows);
      });
    });
  }

  // A link to a row inside closed evidence opens it.
  const reveal = () => {
    const goal = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!goal) return;
    for (let at = goal; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (goal.querySelector(":scope > details")) goal.querySelector(":scope > details").open = true;
    goal.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Paper shows everything, at the width of the paper.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((one) => (one.open = true));
    charts.forEach((chart) => fit(chart, chart.getDom().closest(".pair") ? 325 : 680));
  });
  addEventListener("afterprint", () => {
    closed.forEach((one) => (one.open = false));
    charts.forEach((chart) => fit(chart, "auto"));
  });
})();
