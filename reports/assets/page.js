// Everything here is a comfort: without it the tables carry the page.
(() => {
  "use strict";
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  document.documentElement.classList.add("js");

  // Bars in a narrow box: their labels stand above them, where they have the width.
  const narrow = 480;
  const label = { inside: [false, true], verticalAlign: ["middle", "bottom"], padding: [0, [0, 0, 14, 0]], margin: [8, 0] };
  const adapt = (chart, width) => {
    const box = chart.getDom();
    if (!box.classList.contains("bars")) return;
    const tight = Number(width < narrow);
    const axisLabel = { ...Object.fromEntries(Object.entries(label).map(([key, both]) => [key, both[tight]])), ...(tight ? { width: width - 8, overflow: "truncate" } : { width: null, overflow: "none" }) };
    const rows = chart.getOption().series[0].data.length;
    box.style.height = tight ? 56 + 46 * rows + "px" : box.dataset.high;
    chart.setOption({ xAxis: { splitNumber: tight ? 2 : 4 }, yAxis: { axisTick: { show: !tight }, axisLabel }, series: [{ barWidth: tight ? "34%" : "60%" }] });
  };

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
    box.dataset.high = box.style.height;
    const chart = echarts.init(box, null, { renderer: "svg" });
    chart.setOption(option);
    adapt(chart, box.clientWidth);
    chart.resize();
    charts.push(chart);
  }
  // Numbers beside a picture are open for who has no picture.
  all("details.numbers").forEach((one) => (one.open = false));
  // Paper does not wait for the next frame.
  const fit = (chart, width) => {
    adapt(chart, width === "auto" ? chart.getDom().clientWidth : width);
    chart.resize({ width, height: "auto" });
    chart.getZr().flush();
  };
  addEventListener("resize", () => charts.forEach((chart) => {
    adapt(chart, chart.getDom().clientWidth);
    chart.resize();
  }));

  // Sorting: a button in each heading of a sortable table. Empty cells stay last,
  // equal rows keep their order.
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const keyOf = (cell) => {
    const text = cell.dataset.sort ?? cell.textContent.trim();
    return text === "" ? null : Number.isNaN(Number(text)) ? text : Number(text);
  };
  const order = (a, b) => {
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return typeof a === "number" ? a - b : words.compare(a, b);
  };
  for (const table of all("table.sortable")) {
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column]) }));
        rows.sort((a, b) => {
          if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
          return (down ? -1 : 1) * order(a.key, b.key);
        });
        const sorted = document.createDocumentFragment();
        for (const { row } of rows) sorted.append(row);
        body.append(sorted);
      });
    });
  }

  // What a link leads to is opened before the browser goes there, so that the
  // way back ends where it began.
  const open = (hash) => {
    const goal = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    const shut = [];
    for (let at = goal; at; at = at.parentElement) if (at.tagName === "DETAILS" && !at.open) shut.push(at);
    const own = goal && goal.tagName === "ARTICLE" && goal.querySelector(":scope > details:not([open])");
    if (own) shut.push(own);
    shut.forEach((one) => (one.open = true));
    return shut.length > 0 && goal;
  };
  const reveal = () => {
    const goal = open(location.hash);
    if (goal) goal.scrollIntoView();
  };
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link) open(link.getAttribute("href"));
  });
  addEventListener("hashchange", reveal);
  reveal();

  // Paper shows everything, at the width of the paper, and lines no higher than
  // they need there.
  const paperLine = 150;
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((one) => (one.open = true));
    charts.forEach((chart) => {
      const box = chart.getDom();
      if (box.classList.contains("line")) box.style.height = paperLine + "px";
      fit(chart, box.closest(".pair") ? 325 : 680);
    });
  });
  addEventListener("afterprint", () => {
    closed.forEach((one) => (one.open = false));
    charts.forEach((chart) => {
      chart.getDom().style.height = chart.getDom().dataset.high;
      fit(chart, "auto");
    });
  });
})();
