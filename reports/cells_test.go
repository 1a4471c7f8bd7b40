package reports

import (
	"path/filepath"
	"testing"

	"github.com/srekpi/srekpi/reports/chromium"
)

// On a narrow screen each cell of a table is a labelled line: whatever it holds
// stands right of the label, none of it below or before.
func TestCellsStandBesideTheirLabels(t *testing.T) {
	dir, in := site(t, "whole sample"), browser(t)
	for _, name := range []string{"weekly", "monthly"} {
		s := look(t, in, filepath.Join(dir, pagesOf[name]), 320, chromium.Light)
		ask[bool](t, s, `document.querySelectorAll("details").forEach(one => one.open = true); true`)
		if n := ask[int](t, s, `document.querySelectorAll("td[data-label]").length`); n < 50 {
			t.Errorf("%s: %d cells", name, n)
		}
		for _, cell := range ask[[]string](t, s, `[...document.querySelectorAll("td[data-label]")].filter(cell => {
			const from = cell.getBoundingClientRect().left + 7.5 * parseFloat(getComputedStyle(document.documentElement).fontSize) - 1;
			const all = document.createRange();
			all.selectNodeContents(cell);
			return cell.getClientRects().length && [...all.getClientRects()].some(one => one.width > 1 && one.left < from);
		}).map(cell => cell.dataset.label + ": " + cell.textContent)`) {
			t.Errorf("%s: under its label: %s", name, cell)
		}
		if n := ask[int](t, s, `[...document.querySelectorAll(".chart.bars")].filter(box => {
			const labels = [...box.querySelectorAll("text")].map(one => one.getBoundingClientRect()), at = box.getBoundingClientRect();
			return labels.some(one => one.left < at.left - 1 || one.right > at.right + 1)
				|| labels.some((a, i) => labels.some((b, j) => i < j && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 6));
		}).length`); n > 0 {
			t.Errorf("%s: %d charts of bars with labels cut or over each other", name, n)
		}
	}
}
