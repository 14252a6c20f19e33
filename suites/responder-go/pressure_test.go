package main

import (
	"encoding/json"
	"runtime"
	"runtime/debug"
	"testing"
)

func memory() runtime.MemStats {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return now
}

func TestEachAnswerAllocatesWhatWasAskedFor(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	p := newPressure(16, 1)
	before := memory()
	const answers = 100
	for i := 0; i < answers; i++ {
		p.answer()
	}
	after := memory()
	if got := after.TotalAlloc - before.TotalAlloc; got < answers*16<<10 || got > answers*17<<10 {
		t.Errorf("%d bytes", got)
	}
	if after.Mallocs-before.Mallocs < answers*256 {
		t.Errorf("%d objects", after.Mallocs-before.Mallocs)
	}
}

// What is kept survives a collection, and stays of one size however many answers there are.
func TestTheLiveHeapIsOfOneSize(t *testing.T) {
	p := newPressure(16, 4)
	if len(p.kept) != 4*mib/objectBytes {
		t.Fatalf("%d objects", len(p.kept))
	}
	for i := 0; i < 1000; i++ {
		p.answer()
	}
	for place, object := range p.kept {
		if object == nil {
			t.Fatalf("place %d is empty", place)
		}
	}
	// Objects that are kept point to older ones, and these to older ones still: the chain must not keep them all.
	runtime.GC()
	if live := memory().HeapAlloc; live < 4*mib || live > 12*mib {
		t.Errorf("%d bytes are live", live)
	}
	runtime.KeepAlive(p)
}

func TestWithoutPressureNothingIsAllocated(t *testing.T) {
	p := newPressure(0, 0)
	if got := testing.AllocsPerRun(100, p.answer); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func TestTheCollectorIsSetAndReadBack(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	setCollector("", 0, 0)
	if got := gogcReadBack(); got != "100" {
		t.Errorf("default: %s", got)
	}
	setCollector("50", 24, 3)
	if got := debug.SetMemoryLimit(-1); got != 24*mib {
		t.Errorf("limit %d", got)
	}
	if got := runtime.GOMAXPROCS(0); got != 3 {
		t.Errorf("processors %d", got)
	}
	if got := gogcReadBack(); got != "50" {
		t.Errorf("%s", got)
	}
	setCollector("off", 0, 0)
	if got := gogcReadBack(); got != "off" {
		t.Errorf("%s", got)
	}
}

func TestTheSummaryCountsCollectionsSinceItBegan(t *testing.T) {
	before := memory()
	runtime.GC()
	runtime.GC()
	text, err := summary(&work{newPressure(16, 1), newInspection(0, false)}, &counts{events: 3, responses: 2, overruns: 1}, 80, pageFaultsNow(), &before)
	if err != nil {
		t.Fatal(err)
	}
	debug.SetGCPercent(100) // reading it back turned it off
	var said map[string]any
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"events": 3.0, "responses": 2.0, "overruns": 1.0, "collections": 2.0, "allocate_kib_read_back": 16.0, "live_mib_read_back": 1.0,
		"priority_read_back": 80.0,
		"degraded":           false, "runtime": runtime.Version()} {
		if said[key] != want {
			t.Errorf("%s is %v, want %v", key, said[key], want)
		}
	}
	if pause := said["longest_pause_ns"].(float64); pause <= 0 {
		t.Errorf("longest pause %v", pause)
	}
}
