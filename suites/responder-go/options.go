package main

import (
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
)

type options struct {
	chip            string
	stimulus        uint
	edge            string
	response        uint
	priority        int
	runtimePriority int
	processors      int
	gogc            string
	memoryLimitMiB  int64
	allocateKiB     int
	liveMiB         int
	growMiB         int
	picture         int
	keepBuffers     bool
}

// The help's text where it was asked for.
func parse(words []string) (options, string, error) {
	var o options
	var text strings.Builder
	flags := flag.NewFlagSet("responder_go", flag.ContinueOnError)
	flags.SetOutput(&text)
	flags.Usage = func() {
		fmt.Fprintln(&text, "Answers each edge on one line with a pulse on another. On exit it prints its counts as JSON.")
		flags.PrintDefaults()
		fmt.Fprintln(&text, "Example: responder_go --chip gpiochip0 --stimulus 17 --response 27 --priority 80 --allocate-kib 16 --live-mib 8")
	}
	flags.StringVar(&o.chip, "chip", "", "the GPIO chip's label, name or path")
	flags.UintVar(&o.stimulus, "stimulus", 0, "the input line")
	flags.StringVar(&o.edge, "edge", "rising", "the stimulus's edge that is answered: rising or falling")
	flags.UintVar(&o.response, "response", 0, "the output line")
	flags.IntVar(&o.priority, "priority", 80, "SCHED_FIFO priority of the thread that answers, 1 to 99")
	flags.IntVar(&o.runtimePriority, "runtime-priority", 0, "SCHED_FIFO priority of the runtime's other threads, the collector's among them; 0: SCHED_OTHER")
	flags.IntVar(&o.processors, "processors", 0, "GOMAXPROCS; 0: as the runtime chooses")
	flags.StringVar(&o.gogc, "gogc", "", "GOGC: percent, or off; empty: as the runtime chooses")
	flags.Int64Var(&o.memoryLimitMiB, "memory-limit-mib", 0, "GOMEMLIMIT in MiB; 0: none")
	flags.IntVar(&o.allocateKiB, "allocate-kib", 0, "allocated for each answer, before it is given")
	flags.IntVar(&o.liveMiB, "live-mib", 0, "what was allocated last and is kept: the collector marks it")
	flags.IntVar(&o.growMiB, "grow-mib", 0, "the heap has grown by so much before it is locked, so that it need not grow meanwhile")
	flags.IntVar(&o.picture, "picture", 0, "for each answer a picture of so many pixels a side is inspected, a multiple of 32; 0: none")
	flags.BoolVar(&o.keepBuffers, "keep-buffers", false, "all pictures share their buffers; else each has new ones")
	err := flags.Parse(words)
	if errors.Is(err, flag.ErrHelp) {
		return o, text.String(), nil
	}
	if err == nil {
		err = check(o, flags.Args())
	}
	if err != nil {
		return o, "", failure{err.Error(), exitUsage}
	}
	return o, "", nil
}

func check(o options, rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%s is no option", rest[0])
	case o.chip == "":
		return errors.New("--chip is missing")
	case o.edge != "rising" && o.edge != "falling":
		return errors.New("--edge must be rising or falling")
	case o.priority < 1 || o.priority > 99:
		return errors.New("--priority must be from 1 to 99")
	case o.runtimePriority < 0 || o.runtimePriority > 99:
		return errors.New("--runtime-priority must be from 0 to 99")
	case o.processors < 0 || o.processors > 1024:
		return errors.New("--processors must be from 0 to 1024")
	case o.memoryLimitMiB < 0 || o.memoryLimitMiB > 1<<20:
		return errors.New("--memory-limit-mib must be from 0 to 1048576")
	case o.allocateKiB < 0 || o.allocateKiB > 1<<10:
		return errors.New("--allocate-kib must be from 0 to 1024")
	case o.liveMiB < 0 || o.liveMiB > 1<<10:
		return errors.New("--live-mib must be from 0 to 1024")
	case o.growMiB < 0 || o.growMiB > 1<<10:
		return errors.New("--grow-mib must be from 0 to 1024")
	case o.picture < 0 || o.picture > 1024 || o.picture%side != 0:
		return errors.New("--picture must be a multiple of 32, up to 1024")
	case o.keepBuffers && o.picture == 0:
		return errors.New("--keep-buffers without --picture: there are none")
	case o.liveMiB > 0 && o.allocateKiB == 0:
		return errors.New("--live-mib without --allocate-kib: nothing would be collected")
	}
	if o.gogc == "" || o.gogc == "off" {
		return nil
	}
	if percent, err := strconv.Atoi(o.gogc); err != nil || percent < 1 || percent > 10000 {
		return errors.New("--gogc must be from 1 to 10000, or off")
	}
	return nil
}
