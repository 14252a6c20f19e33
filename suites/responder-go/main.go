// The bare responder in Go: waits for an edge on one line and answers by a pulse on another, as
// suites/irq-to-gpio/responder.h does it in C++, and can allocate meanwhile, so that the collector has
// something to do. The standard library alone, without cgo.
package main

import (
	"fmt"
	"os"
	"runtime"
)

// Exit statuses that all programs of the target share (harness/target/include/target/service.h).
const (
	exitGood    = 0
	exitUsage   = 2
	exitNoRight = 3
	exitNoLine  = 4
	exitBroken  = 5
)

// A failure and the exit status that goes with it.
type failure struct {
	what   string
	status int
}

func (f failure) Error() string { return f.what }

func init() {
	// The goroutine of main() keeps the thread that it has, whose priority it then is.
	runtime.LockOSThread()
}

func main() {
	options, help, err := parse(os.Args[1:])
	if help != "" {
		fmt.Print(help)
		return
	}
	if err == nil {
		err = respond(options)
	}
	if err == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "responder_go: %v\n", err)
	status := exitBroken
	if failed, ok := err.(failure); ok {
		status = failed.status
	}
	os.Exit(status)
}
