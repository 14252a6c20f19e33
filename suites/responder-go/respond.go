package main

import (
	"encoding/json"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// The kernel keeps this many edges while the program is late; a stimulus is never sent while one is unanswered.
const eventsKept = 64

// Written by the loop alone, and read when it is over.
type counts struct {
	events    uint64
	responses uint64
	overruns  uint64 // edges that the kernel had no room for: gaps in the line's sequence numbers
}

// What is done for each answer, before it is given.
type work struct {
	pressure   *pressure
	inspection *inspection
}

// READY=1 by sd_notify(3)'s protocol. Nobody may have asked for it.
func notifyReady() error {
	address := os.Getenv("NOTIFY_SOCKET")
	if address == "" {
		return nil
	}
	connection, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"})
	if err == nil {
		_, err = connection.Write([]byte("READY=1"))
		connection.Close()
	}
	if err != nil {
		return failure{"READY=1 could not be sent to $NOTIFY_SOCKET: " + err.Error(), exitBroken}
	}
	return nil
}

// Answers for as long as the process lives. The runtime restarts a read() that a signal interrupts, so that
// whoever ends the program does not end this loop.
func answer(input, output int, work *work, counts *counts) error {
	var events [eventsKept]lineEvent
	high, low := lineValues{1, 1}, lineValues{0, 1}
	expected := uint32(1)
	for {
		got, _, errno := syscall.Syscall(syscall.SYS_READ, uintptr(input), uintptr(unsafe.Pointer(&events)),
			unsafe.Sizeof(events))
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 {
			return failure{"a line failed: " + errno.Error(), exitBroken}
		}
		for i := range events[:got/unsafe.Sizeof(events[0])] {
			number := events[i].lineSeqno
			atomic.AddUint64(&counts.overruns, uint64(number-expected))
			expected = number + 1
			atomic.AddUint64(&counts.events, 1)
			work.pressure.answer()
			work.inspection.inspect()
			if err := ioctl(output, setValues, unsafe.Pointer(&high)); err != nil {
				return failure{"a line failed: " + err.Error(), exitBroken}
			}
			if err := ioctl(output, setValues, unsafe.Pointer(&low)); err != nil {
				return failure{"a line failed: " + err.Error(), exitBroken}
			}
			atomic.AddUint64(&counts.responses, 1)
		}
	}
}

// What the program says of itself at its end. Of the collector: since READY=1, by the runtime's own account.
func summary(work *work, counts *counts, priority int, faults pageFaults, before *runtime.MemStats) ([]byte, error) {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	after := pageFaultsNow()
	var longest uint64
	for i := before.NumGC; i < now.NumGC; i++ {
		if pause := now.PauseNs[i%uint32(len(now.PauseNs))]; pause > longest {
			longest = pause
		}
	}
	return json.Marshal(map[string]any{
		"events":                     atomic.LoadUint64(&counts.events),
		"responses":                  atomic.LoadUint64(&counts.responses),
		"overruns":                   atomic.LoadUint64(&counts.overruns),
		"minor_faults":               after.minor - faults.minor,
		"major_faults":               after.major - faults.major,
		"priority_read_back":         priority,
		"degraded":                   false,
		"runtime":                    runtime.Version(),
		"processors_read_back":       runtime.GOMAXPROCS(0),
		"memory_limit_mib_read_back": debug.SetMemoryLimit(-1) / mib,
		"gogc_read_back":             gogcReadBack(),
		"allocate_kib_read_back":     work.pressure.each * objectBytes / 1024,
		"live_mib_read_back":         len(work.pressure.kept) * objectBytes / mib,
		"wrong":                      atomic.LoadUint64(&work.inspection.wrong),
		"collections":                now.NumGC - before.NumGC,
		"longest_pause_ns":           longest,
		"heap_bytes":                 now.HeapSys,
	})
}

// Prints the summary and ends the process when it is told to.
func endOnSignals(work *work, counts *counts, priority int, faults pageFaults, before *runtime.MemStats) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-told
		text, err := summary(work, counts, priority, faults, before)
		if err == nil {
			_, err = os.Stdout.Write(append(text, '\n'))
		}
		if err != nil {
			os.Stderr.WriteString("responder_go: standard output cannot be written\n")
			os.Exit(exitBroken)
		}
		os.Exit(exitGood)
	}()
}

func respond(options options) error {
	chip, err := openChip(options.chip)
	if err != nil {
		return err
	}
	edge := uint64(flagEdgeRising)
	if options.edge == "falling" {
		edge = flagEdgeFalling
	}
	input, err := requestLine(chip, options.stimulus, "stimulus", flagInput|edge, eventsKept)
	if err != nil {
		return err
	}
	output, err := requestLine(chip, options.response, "response", flagOutput, 0)
	if err != nil {
		return err
	}
	setCollector(options.gogc, options.memoryLimitMiB, options.processors)
	work := &work{newPressure(options.allocateKiB, options.liveMiB), newInspection(options.picture, options.keepBuffers)}
	if options.growMiB > 0 {
		growHeap(options.growMiB * mib)
	}
	if err := becomeRealTime(options.priority, options.runtimePriority); err != nil {
		return err
	}
	counts := new(counts)
	before := new(runtime.MemStats)
	runtime.ReadMemStats(before)
	endOnSignals(work, counts, priorityReadBack(), pageFaultsNow(), before)
	if err := notifyReady(); err != nil {
		return err
	}
	return answer(input, output, work, counts)
}
