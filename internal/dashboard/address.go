package dashboard

import (
	"net"
	"os"
	"strconv"

	"github.com/pkg/errors"
)

const loopback = "127.0.0.1"

// split returns the host and the port to listen at.
func split(addr string) (host, port string, err error) {
	if addr == "" {
		return loopback, "0", nil
	}
	if host, port, err = net.SplitHostPort(addr); err != nil {
		return "", "", errors.Errorf(`the address is %q, want HOST:PORT or :PORT, such as ":8080"`, addr)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", "", errors.Errorf("the port is %q, want a number of 0 to 65535", port)
	}
	if host == "" {
		host = loopback
	}
	return host, port, nil
}

// names returns the hosts by name that requests may be for: besides them, only addresses,
// for a name that an attacker can point here is never one.
func names(host string) []string {
	out := []string{"localhost", host}
	if name, err := os.Hostname(); err == nil {
		out = append(out, name)
	}
	return out
}

// shown returns how a browser gets there: if all interfaces are listened at, by an address
// that other machines may reach.
func shown(host string, at *net.TCPAddr) string {
	port := strconv.Itoa(at.Port)
	if !at.IP.IsUnspecified() {
		return net.JoinHostPort(host, port)
	}
	all, _ := net.InterfaceAddrs() // none without a network
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return net.JoinHostPort(n.IP.String(), port)
		}
	}
	return net.JoinHostPort(loopback, port)
}
