package main

import (
	"runtime"
	"runtime/debug"
	"strconv"
)

// One object of 64 bytes with two pointers, for the collector to follow.
type object struct {
	older  *object
	random *object
	words  [6]uint64
}

const (
	objectBytes = 64
	mib         = 1 << 20
)

// What a program allocates that makes each answer from objects and keeps the last ones: each new object takes
// the place of the oldest that is kept. So the live heap is of one size, and is written to all the time.
type pressure struct {
	each   int // objects for each answer
	kept   []*object
	oldest int
	newest *object
	state  uint64
}

func newPressure(allocateKiB, liveMiB int) *pressure {
	p := &pressure{each: allocateKiB * 1024 / objectBytes, state: 1}
	if p.each == 0 {
		return p
	}
	// At least what one answer takes.
	count := liveMiB * mib / objectBytes
	if count < p.each {
		count = p.each
	}
	p.kept = make([]*object, count)
	for i := range p.kept {
		p.add(i)
	}
	return p
}

func (p *pressure) add(place int) {
	p.state = p.state*6364136223846793005 + 1442695040888963407
	object := &object{random: p.kept[p.state>>33%uint64(len(p.kept))]}
	object.words[0] = p.state
	p.kept[place] = object
	p.newest = object
}

// Allocates what one answer takes.
func (p *pressure) answer() {
	for i := 0; i < p.each; i++ {
		p.add(p.oldest)
		p.oldest++
		if p.oldest == len(p.kept) {
			p.oldest = 0
		}
	}
}

// As GOGC and GOMEMLIMIT in the environment would.
func setCollector(gogc string, memoryLimitMiB int64, processors int) {
	if processors > 0 {
		runtime.GOMAXPROCS(processors)
	}
	if memoryLimitMiB > 0 {
		debug.SetMemoryLimit(memoryLimitMiB * mib)
	}
	switch gogc {
	case "":
	case "off":
		debug.SetGCPercent(-1)
	default:
		percent, _ := strconv.Atoi(gogc)
		debug.SetGCPercent(percent)
	}
}

// Takes memory from the kernel and gives it back to the runtime, which keeps it: locked memory is not returned.
func growHeap(size int) {
	block := make([]byte, size)
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
	runtime.KeepAlive(block)
	block = nil
	runtime.GC()
}

// GOGC as it is in effect: percent, or "off".
func gogcReadBack() string {
	percent := debug.SetGCPercent(-1)
	if percent < 0 {
		return "off"
	}
	return strconv.Itoa(percent)
}
