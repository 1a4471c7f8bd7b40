package reports

import (
	"testing"

	"github.com/srekpi/srekpi/reports/chromium"
	"github.com/srekpi/srekpi/reports/chromium/chromiumtest"
)

func browser(t *testing.T) *chromium.Browser {
	t.Helper()
	return chromiumtest.Browser(t)
}

// sight is one page as a reader sees it.
type sight struct{ *chromium.Page }

// look opens a file in a tab of its own, so wide, in light or dark.
func look(t *testing.T, in *chromium.Browser, path string, width int64, scheme string) sight {
	t.Helper()
	return sight{chromiumtest.Look(t, in, path, chromium.View{Width: width, Scheme: scheme})}
}

// ask runs an expression in the page and reads its value.
func ask[T any](t *testing.T, s sight, expression string) T {
	t.Helper()
	return chromiumtest.Ask[T](t, s.Page, expression)
}

// picture keeps what was seen, for a person to look at: SREKPI_LOOK names the folder.
func (s sight) picture(t *testing.T, name string) {
	t.Helper()
	chromiumtest.Keep(t, name+".png", s.Screenshot)
}
