//go:build linux && !amd64

package main

import "errors"

// below4G is for machines that have an int80.
const below4G = 0

// int80 exists on x86_64 alone.
func int80(uintptr, [6]uintptr) uintptr { panic("prober: int80 needs x86_64") }

// placeAt exists on x86_64 alone, as callAt does.
func placeAt(uintptr) error { return errors.New("@ needs x86_64") }

func callAt(uintptr, string, uintptr, [6]uintptr) uintptr { panic("prober: @ needs x86_64") }
