package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"unsafe"
)

// The GPIO character device, <linux/gpio.h>, second version. What is not used is left zero.

const (
	nameSize      = 32
	linesMax      = 64
	attributesMax = 10
)

type chipInfo struct {
	name  [nameSize]byte
	label [nameSize]byte
	lines uint32
}

type lineAttribute struct {
	id      uint32
	padding uint32
	value   uint64 // a union: flags, values or a debounce period
}

type lineConfigAttribute struct {
	attribute lineAttribute
	mask      uint64
}

type lineConfig struct {
	flags      uint64
	count      uint32
	padding    [5]uint32
	attributes [attributesMax]lineConfigAttribute
}

type lineRequest struct {
	offsets         [linesMax]uint32
	consumer        [nameSize]byte
	config          lineConfig
	count           uint32
	eventBufferSize uint32
	padding         [5]uint32
	fd              int32
}

type lineValues struct {
	bits uint64
	mask uint64
}

type lineEvent struct {
	timestampNs uint64
	id          uint32
	offset      uint32
	seqno       uint32
	lineSeqno   uint32
	padding     [6]uint32
}

type lineInfo struct {
	name       [nameSize]byte
	consumer   [nameSize]byte
	offset     uint32
	count      uint32
	flags      uint64
	attributes [attributesMax]lineAttribute
	padding    [4]uint32
}

const (
	flagUsed        = 1 << 0
	flagInput       = 1 << 2
	flagOutput      = 1 << 3
	flagEdgeRising  = 1 << 4
	flagEdgeFalling = 1 << 5
)

// _IOR(0xB4, number, T) and _IOWR(0xB4, number, T).
func ioctlRead(number, size uintptr) uintptr      { return 2<<30 | size<<16 | 0xB4<<8 | number }
func ioctlReadWrite(number, size uintptr) uintptr { return 3<<30 | size<<16 | 0xB4<<8 | number }

var (
	getChipInfo = ioctlRead(0x01, unsafe.Sizeof(chipInfo{}))
	getLineInfo = ioctlReadWrite(0x05, unsafe.Sizeof(lineInfo{}))
	getLine     = ioctlReadWrite(0x07, unsafe.Sizeof(lineRequest{}))
	setValues   = ioctlReadWrite(0x0F, unsafe.Sizeof(lineValues{}))
)

func ioctl(fd int, request uintptr, argument unsafe.Pointer) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(argument)); errno != 0 {
		return errno
	}
	return nil
}

func textOf(field []byte) string {
	if end := bytes.IndexByte(field, 0); end >= 0 {
		field = field[:end]
	}
	return string(field)
}

// A chip that is open, by its path, its name (gpiochip0) or its label; of two of one label the first by name.
func openChip(chip string) (int, error) {
	paths := []string{chip}
	if !strings.Contains(chip, "/") {
		paths, _ = filepath.Glob("/dev/gpiochip*")
		sort.Strings(paths)
	}
	for _, path := range paths {
		fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		var info chipInfo
		err = ioctl(fd, getChipInfo, unsafe.Pointer(&info))
		if err == nil && (path == chip || filepath.Base(path) == chip || textOf(info.label[:]) == chip) {
			return fd, nil
		}
		syscall.Close(fd)
	}
	return -1, failure{"no GPIO chip is labelled or named " + chip, exitNoLine}
}

// Explains in words what the kernel's error number would only hint at.
func checkLine(chip int, line uint) error {
	var about chipInfo
	if err := ioctl(chip, getChipInfo, unsafe.Pointer(&about)); err != nil {
		return failure{"the GPIO chip does not answer: " + err.Error(), exitNoLine}
	}
	place := fmt.Sprintf("line %d of %s", line, textOf(about.label[:]))
	if line >= uint(about.lines) {
		return failure{fmt.Sprintf("%s is not there: it has %d lines", place, about.lines), exitNoLine}
	}
	info := lineInfo{offset: uint32(line)}
	if err := ioctl(chip, getLineInfo, unsafe.Pointer(&info)); err != nil {
		return failure{place + ": " + err.Error(), exitNoLine}
	}
	if info.flags&flagUsed != 0 {
		return failure{fmt.Sprintf("%s is in use by %q", place, textOf(info.consumer[:])), exitNoLine}
	}
	return nil
}

// The file of one line that is requested with a consumer's name.
func requestLine(chip int, line uint, consumer string, flags uint64, eventsKept uint32) (int, error) {
	if err := checkLine(chip, line); err != nil {
		return -1, err
	}
	request := lineRequest{count: 1, eventBufferSize: eventsKept}
	request.offsets[0] = uint32(line)
	copy(request.consumer[:nameSize-1], consumer)
	request.config.flags = flags
	if err := ioctl(chip, getLine, unsafe.Pointer(&request)); err != nil {
		return -1, failure{fmt.Sprintf("line %d cannot be requested: %v", line, err), exitNoLine}
	}
	return int(request.fd), nil
}
