package main

func writeSets(s *sources) error { return nil }
