package reports
import ("testing";"os";"strings")
func TestZZ(t *testing.T){ b:=browser(t); for _,f:=range strings.Fields(os.Getenv("ZZ")){ n:=strings.NewReplacer("/","_",".html","").Replace(strings.TrimPrefix(f,"/tmp/try/")); s:=look(t,b,f,1440,"light"); s.picture(t,n); t.Log(s.seen()) } }
