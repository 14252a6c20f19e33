package main

import "sync/atomic"

// The work of an inspection for each answer, in the shape that reference-app's loop has: a picture is taken,
// made smaller and int8, a layer of filters is applied, and a decision is made. The camera paints parts with
// and without a scratch, so that each decision can be counted as right or wrong. It is no trained network.

const (
	side    = 32 // of the filters' input, in pixels
	filters = 4
	taps    = 3
	stride  = 2
	places  = (side-taps)/stride + 1
	noise   = 31  // a part's surface varies by this, from `grey` on
	grey    = 96  // of a part
	bright  = 255 // of a scratch
	// Between what a surface gives, 64 at most of 10,000 parts, and a scratch, 105 at least.
	threshold = 85
)

// Lines from left to right, down, and along both diagonals. Each sums to zero: an even surface gives nothing.
var weights = [filters][taps * taps]int8{
	{-1, -1, -1, 2, 2, 2, -1, -1, -1},
	{-1, 2, -1, -1, 2, -1, -1, 2, -1},
	{2, -1, -1, -1, 2, -1, -1, -1, 2},
	{-1, -1, 2, -1, 2, -1, 2, -1, -1},
}

type buffers struct {
	picture  []uint8
	input    []int8
	features []int32
}

// Not inlined, or those of constant size would lie on the stack.
//
//go:noinline
func newBuffers(size int) *buffers {
	return &buffers{make([]uint8, size*size), make([]int8, side*side), make([]int32, filters*places*places)}
}

type inspection struct {
	size  int      // of the picture, a multiple of `side`; 0: nothing is inspected
	kept  *buffers // nil: every picture has new ones, which are garbage afterwards
	state uint64
	wrong uint64
}

func newInspection(size int, keep bool) *inspection {
	i := &inspection{size: size, state: 1}
	if keep && size > 0 {
		i.kept = newBuffers(size)
	}
	return i
}

func (i *inspection) random() uint64 {
	i.state ^= i.state << 13
	i.state ^= i.state >> 7
	i.state ^= i.state << 17
	return i.state
}

// Paints a part, and says whether it is scratched.
func (i *inspection) capture(picture []uint8) bool {
	for at := 0; at+8 <= len(picture); at += 8 {
		word := i.random()
		for k := 0; k < 8; k++ {
			picture[at+k] = grey + uint8(word>>(8*k))&noise
		}
	}
	word := i.random()
	if word&1 == 0 {
		return false
	}
	i.scratch(picture, word>>1)
	return true
}

// A line of the width of one input pixel, along one of the two diagonals.
func (i *inspection) scratch(picture []uint8, word uint64) {
	width := i.size / side
	falling := word&1 == 0
	offset := int(word>>1%uint64(i.size/2)) - i.size/4
	for y := 0; y < i.size; y++ {
		x := y + offset
		if !falling {
			x = i.size - 1 - y + offset
		}
		for k := 0; k < width; k++ {
			if x+k >= 0 && x+k < i.size {
				picture[y*i.size+x+k] = bright
			}
		}
	}
}

// Means of squares of pixels, about zero.
func (i *inspection) preprocess(picture []uint8, input []int8) {
	step := i.size / side
	for y := 0; y < side; y++ {
		for x := 0; x < side; x++ {
			sum := 0
			for row := y * step; row < (y+1)*step; row++ {
				for _, value := range picture[row*i.size+x*step : row*i.size+(x+1)*step] {
					sum += int(value)
				}
			}
			input[y*side+x] = int8(sum/(step*step) - 128)
		}
	}
}

func infer(input []int8, features []int32) {
	at := 0
	for filter := range weights {
		for y := 0; y+taps <= side; y += stride {
			for x := 0; x+taps <= side; x += stride {
				sum := int32(0)
				for tap, weight := range weights[filter] {
					sum += int32(weight) * int32(input[(y+tap/taps)*side+x+tap%taps])
				}
				features[at] = sum
				at++
			}
		}
	}
}

func isScratched(features []int32) bool {
	for _, value := range features {
		if value > threshold {
			return true
		}
	}
	return false
}

// One part, from the picture to the decision.
func (i *inspection) inspect() {
	if i.size == 0 {
		return
	}
	b := i.kept
	if b == nil {
		b = newBuffers(i.size)
	}
	truth := i.capture(b.picture)
	i.preprocess(b.picture, b.input)
	infer(b.input, b.features)
	if isScratched(b.features) != truth {
		atomic.AddUint64(&i.wrong, 1)
	}
}
