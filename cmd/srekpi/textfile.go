package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

const lastSuccess = "srekpi_last_success_timestamp_seconds"

// writeTextfile writes the summary as the textfile collector of Prometheus'
// node_exporter reads it, beside its place and renamed.
func (s summary) writeTextfile(path string) error {
	succeeded, err := succeededAt(path)
	if err != nil {
		return err
	}
	if s.exit == exitDone || s.exit == exitPartial {
		succeeded = unix(s.ended)
	}
	registry := prometheus.NewRegistry()
	gauge := func(name, help string, value float64) {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
		g.Set(value)
		registry.MustRegister(g)
	}
	records, quarantined, _ := s.counts()
	gauge("srekpi_run_exit_code", "Exit code of the last run: 0 done, 1 failed, 2 usage or config, 3 done but something is missing.", float64(s.exit))
	gauge("srekpi_run_timestamp_seconds", "When the last run ended, in seconds since 1970.", unix(s.ended))
	gauge("srekpi_run_duration_seconds", "How long the last run took.", s.ended.Sub(s.started).Seconds())
	gauge("srekpi_run_records", "Records that the last run landed.", float64(records))
	gauge("srekpi_run_newly_quarantined", "Records that the last run put into quarantine for the first time.", float64(quarantined))
	gauge("srekpi_run_issued", "Reports that the last run issued.", float64(s.issued))
	if succeeded > 0 {
		gauge(lastSuccess, "When a run last ended with 0 or 3, in seconds since 1970.", succeeded)
	}
	if s.edition != nil {
		gauge("srekpi_data_as_of_timestamp_seconds", "How far the newest source reaches, in seconds since 1970.", unix(s.edition.DataAsOf))
	}
	s.gaugeSources(registry)
	return prometheus.WriteToTextfile(path, registry)
}

// gaugeSources tells of each source whether it was read, and how far it reaches.
func (s summary) gaugeSources(registry *prometheus.Registry) {
	labels := []string{"source"}
	up := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "srekpi_source_up", Help: "1: the last run read the source; 0: it failed."}, labels)
	reach := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "srekpi_source_collected_to_timestamp_seconds", Help: "How far what was collected of the source reaches, in seconds since 1970."}, labels)
	registry.MustRegister(up, reach)
	for _, source := range s.sources {
		read := 1.0
		if source.Err != nil {
			read = 0
		}
		up.WithLabelValues(source.Name).Set(read)
	}
	if s.edition == nil {
		return
	}
	for _, r := range s.edition.Sources {
		if r.To != nil {
			reach.WithLabelValues(r.Source).Set(unix(*r.To))
		}
	}
}

// succeededAt is what an earlier textfile says of the last success, 0 where
// there is none.
func succeededAt(path string) (float64, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(file)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w; remove it", path, err)
	}
	if family := families[lastSuccess]; family != nil && len(family.Metric) == 1 {
		return family.Metric[0].GetGauge().GetValue(), nil
	}
	return 0, nil
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
