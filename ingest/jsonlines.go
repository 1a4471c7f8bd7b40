package ingest

import (
	"bytes"
	"fmt"
)

// jsonLines reads one object per line.
type jsonLines struct {
	*window
	*objects
}

func (j *jsonLines) next(p *page) (bool, error) {
	for {
		end, ok := j.lineEnd()
		if !ok {
			start := bytes.Clone(j.buf[j.pos:min(j.end, j.pos+4096)])
			p.reject("", j.line, fmt.Sprintf("the line is longer than %d MiB", j.longest>>20), start)
			j.skipLine()
			return true, nil
		}
		if end == j.pos || j.brokenOff(end) {
			return false, j.err
		}
		text, line := trimLine(j.buf[j.pos:end]), j.line
		j.take(end, 1)
		if isBlank(text) {
			continue
		}
		j.put(p, text, line)
		return true, nil
	}
}
