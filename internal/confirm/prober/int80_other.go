//go:build linux && !amd64

package main

// below4G is for machines that have an int80.
const below4G = 0

// int80 exists on x86_64 alone.
func int80(uintptr, [6]uintptr) uintptr { panic("prober: int80 needs x86_64") }
