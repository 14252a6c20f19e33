package main

import (
	"strings"
	"testing"
	"unsafe"
)

// Sizes and numbers as <linux/gpio.h> has them, where a wrong one would be another call.
func TestLayoutIsTheKernels(t *testing.T) {
	sizes := []struct {
		name      string
		got, want uintptr
	}{
		{"gpiochip_info", unsafe.Sizeof(chipInfo{}), 68},
		{"gpio_v2_line_attribute", unsafe.Sizeof(lineAttribute{}), 16},
		{"gpio_v2_line_config", unsafe.Sizeof(lineConfig{}), 272},
		{"gpio_v2_line_request", unsafe.Sizeof(lineRequest{}), 592},
		{"gpio_v2_line_info", unsafe.Sizeof(lineInfo{}), 256},
		{"gpio_v2_line_event", unsafe.Sizeof(lineEvent{}), 48},
		{"gpio_v2_line_values", unsafe.Sizeof(lineValues{}), 16},
		{"GPIO_GET_CHIPINFO_IOCTL", getChipInfo, 0x8044b401},
		{"GPIO_V2_GET_LINEINFO_IOCTL", getLineInfo, 0xc100b405},
		{"GPIO_V2_GET_LINE_IOCTL", getLine, 0xc250b407},
		{"GPIO_V2_LINE_SET_VALUES_IOCTL", setValues, 0xc010b40f},
		{"line_seqno", unsafe.Offsetof(lineEvent{}.lineSeqno), 20},
		{"fd", unsafe.Offsetof(lineRequest{}.fd), 588},
	}
	for _, size := range sizes {
		if size.got != size.want {
			t.Errorf("%s is %#x, want %#x", size.name, size.got, size.want)
		}
	}
}

func TestAFileThatIsNoChipIsNone(t *testing.T) {
	for _, chip := range []string{"/dev/null", "/does/not/exist", "no-such-label"} {
		_, err := openChip(chip)
		failed, ok := err.(failure)
		if !ok || failed.status != exitNoLine || !strings.Contains(failed.what, chip) {
			t.Errorf("%s: %v", chip, err)
		}
	}
}

func TestTextEndsAtTheFirstZero(t *testing.T) {
	for want, field := range map[string][]byte{"ab": {'a', 'b', 0, 'c'}, "abc": []byte("abc"), "": {0}} {
		if got := textOf(field); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
