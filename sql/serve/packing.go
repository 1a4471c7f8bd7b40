package serve

import (
	"bufio"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// packing writes an answer as the client has asked for it: in ClickHouse's own blocks, in an encoding of HTTP, or plain.
// Close writes what is left and leaves w open.
func packing(w http.ResponseWriter, r *http.Request) (io.WriteCloser, error) {
	query := r.URL.Query()
	if yes(query, "compress") {
		return blocked{bufio.NewWriterSize(blocks{to: w, writer: compress.NewWriter(compress.LevelZero, method(query))}, 1<<18)}, nil
	}
	if !yes(query, "enable_http_compression") {
		return plain{w}, nil
	}
	w.Header().Add("Vary", "Accept-Encoding")
	accepted := strings.ToLower(strings.Join(r.Header.Values("Accept-Encoding"), ","))
	for _, encoding := range []string{"zstd", "lz4", "gzip", "deflate"} {
		if !accepts(accepted, encoding) {
			continue
		}
		w.Header().Set("Content-Encoding", encoding)
		switch encoding {
		case "zstd":
			return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
		case "lz4":
			return lz4.NewWriter(w), nil
		case "gzip":
			return gzip.NewWriterLevel(w, gzip.BestSpeed)
		}
		return zlib.NewWriterLevel(w, zlib.BestSpeed)
	}
	return plain{w}, nil
}

func accepts(accepted, encoding string) bool {
	for _, one := range strings.Split(accepted, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.TrimSpace(name) == encoding {
			return strings.ReplaceAll(weight, " ", "") != "q=0"
		}
	}
	return false
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

func method(query url.Values) compress.Method {
	switch strings.ToUpper(query.Get("network_compression_method")) {
	case "ZSTD":
		return compress.ZSTD
	case "NONE":
		return compress.None
	}
	return compress.LZ4
}

// blocked gathers what becomes one block.
type blocked struct{ *bufio.Writer }

func (b blocked) Close() error { return b.Flush() }

// blocks makes a block of each write.
type blocks struct {
	to     io.Writer
	writer *compress.Writer
}

func (b blocks) Write(p []byte) (int, error) {
	if err := b.writer.Compress(p); err != nil {
		return 0, err
	}
	if _, err := b.to.Write(b.writer.Data); err != nil {
		return 0, err
	}
	return len(p), nil
}

func blockOf(query url.Values, p []byte) ([]byte, error) {
	writer := compress.NewWriter(compress.LevelZero, method(query))
	err := writer.Compress(p)
	return writer.Data, err
}
