// Package chromium opens the reports in a headless Chromium: to print them on
// paper, and for tests to look at them as a reader does.
//
// A browser is a process with a profile of its own in a temporary folder. It
// opens files of this machine, asks no host for anything, and leaves nothing
// behind once it is closed.
package chromium

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// ErrMissing is returned by Find and Start where there is no Chromium, with what
// to do about it.
var ErrMissing = errors.New("no Chromium found")

// Variable names the environment variable that names the browser, for one that
// is not on the PATH.
const Variable = "CHROMIUM_PATH"

// Find returns the path of the browser.
func Find() (string, error) {
	if named := os.Getenv(Variable); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("%w: %s names %s, which is no program; correct or unset it", ErrMissing, Variable, named)
		}
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: install one (Debian: apt-get install chromium), or name it in %s", ErrMissing, Variable)
}

// Browser is a running Chromium. Its pages are tabs that do not see each other.
type Browser struct {
	ctx     context.Context
	stop    context.CancelFunc
	profile string
}

// Start starts the browser. It ends with Close, and at once when ctx does.
func Start(ctx context.Context) (*Browser, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	profile, err := os.MkdirTemp("", "srekpi-chromium-")
	if err != nil {
		return nil, fmt.Errorf("start the browser %s: %w", path, err)
	}
	flags := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck}
	for _, name := range []string{"disable-background-networking", "disable-component-update", "disable-sync", "disable-extensions", "disable-dev-shm-usage"} {
		flags = append(flags, chromedp.Flag(name, true))
	}
	// Chromium refuses to run as root inside its sandbox.
	if os.Geteuid() == 0 {
		flags = append(flags, chromedp.NoSandbox)
	}
	allocated, stop := chromedp.NewExecAllocator(ctx, flags...)
	b := &Browser{stop: stop, profile: profile}
	b.ctx, _ = chromedp.NewContext(allocated)
	if err := chromedp.Do(b.ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start the browser %s: %s", path, strings.TrimSpace(err.Error())), b.Close())
	}
	return b, nil
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() error {
	limited, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	// A browser that does not close is killed; one that is gone is closed.
	_ = chromedp.Cancel(limited)
	cancel()
	b.stop()
	// Its last children may still be writing.
	err := os.RemoveAll(b.profile)
	for range 20 {
		if err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
		err = os.RemoveAll(b.profile)
	}
	return fmt.Errorf("remove the browser's profile: %w", err)
}
