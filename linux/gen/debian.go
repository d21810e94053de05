package main

import (
	"path/filepath"
	"strings"

	"github.com/seccompc/seccompc/linux"
)

// debian is a release of Debian: its kernel, and its systemd, whose sets are those of that kernel.
type debian struct {
	suite string
	linux.SetRelease
	packages []string // that systemd-analyze runs with, besides those that all have
}

// debians are the older ones, newest first.
var debians = []debian{
	{"trixie", linux.SetReleases()[2], strings.Fields("libsystemd-shared libssl3t64")},
	{"bookworm", linux.SetReleases()[1],
		strings.Fields("libsystemd-shared libssl3 " + olderLibraries)},
	{"bullseye", linux.SetReleases()[0], strings.Fields("libssl1.1 " + olderLibraries)},
}

// commonLibraries are what every systemd-analyze runs with, olderLibraries what the older ones do.
const (
	commonLibraries = "systemd libc6 libseccomp2 libmount1 libblkid1 libcap2 libselinux1 " +
		"libpcre2-8-0 libcrypt1 libaudit1 libcap-ng0 libacl1 libpam0g libzstd1"
	olderLibraries = "libkmod2 libapparmor1 libgcrypt20 libip4tc2 liblz4-1 liblzma5 libgpg-error0"
)

// root is where the release's systemd lies unpacked.
func (d *debian) root(cache string) string { return filepath.Join(cache, "systemd-"+d.suite) }

// fetch unpacks the release's systemd below the cache.
func (d *debian) fetch(cache string) error {
	debs := filepath.Join(cache, "debs-"+d.suite)
	var names []string
	for _, p := range append(strings.Fields(commonLibraries), d.packages...) {
		names = append(names, p+"/"+d.suite)
	}
	if err := download(cache, debs, names); err != nil {
		return err
	}
	if _, err := deb(debs, "systemd_"+d.Systemd+"."); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(debs, "*.deb"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := run(debs, "", "dpkg-deb", "--extract", file, d.root(cache)); err != nil {
			return err
		}
	}
	return nil
}
