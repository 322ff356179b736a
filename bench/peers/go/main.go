// Go's share of the peers: gopacket takes packets apart, bart looks addresses up. For each line on
// standard input a round of some 20 ms is run, and told as "FOUND NS", the nanoseconds of one item.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/gaissmai/bart"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

const (
	roundTime = 20 * time.Millisecond
	runItems  = 1 << 16
	vxlanPort = 8472 // Linux's; gopacket knows the other one
)

// A task does its work for items [at, at+count) and says what it found.
type task struct {
	items int
	run   func(at, count int) int
}

func main() {
	if len(os.Args) != 3 {
		fail("usage: heddle-peers TASK FILE")
	}
	bytes, err := os.ReadFile(os.Args[2])
	if err != nil {
		fail(err.Error())
	}
	opened := open(os.Args[1], &reader{bytes})
	found := opened.run(0, opened.items)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(found, round(opened))
	}
}

func open(name string, input *reader) task {
	switch name {
	case "gopacket":
		return openDecoder(input)
	case "bart":
		return openRoutes(input)
	}
	fail("no such task: " + name)
	return task{}
}

// The median of as many runs as there is time for, in nanoseconds an item.
func round(work task) float64 {
	var samples []float64
	items := min(runItems, work.items)
	at := 0
	for end := time.Now().Add(roundTime); len(samples) < 3 || time.Now().Before(end); {
		began := time.Now()
		work.run(at, items)
		samples = append(samples, float64(time.Since(began).Nanoseconds())/float64(items))
		if at += items; at+items > work.items {
			at = 0
		}
	}
	slices.Sort(samples)
	return samples[len(samples)/2]
}

// Headers of packets: a count, then a length and bytes for each.
func openDecoder(input *reader) task {
	layers.RegisterUDPPortLayerType(vxlanPort, layers.LayerTypeVXLAN)
	packets := make([][]byte, input.word())
	for at := range packets {
		packets[at] = input.take(int(input.word()))
	}
	var (
		ethernet layers.Ethernet
		ip       layers.IPv4
		udp      layers.UDP
		vxlan    layers.VXLAN
	)
	parser := gopacket.NewDecodingLayerParser(
		layers.LayerTypeEthernet, &ethernet, &ip, &udp, &vxlan)
	parser.IgnoreUnsupported = true // the payload, which a port may name
	decoded := make([]gopacket.LayerType, 0, 16)
	return task{len(packets), func(at, count int) int {
		found := 0
		for _, packet := range packets[at : at+count] {
			if err := parser.DecodeLayers(packet, &decoded); err != nil {
				fail(err.Error())
			}
			found += len(decoded)
		}
		return found
	}}
}

// Routes: a count, then address, length and hop for each; a count, then addresses.
func openRoutes(input *reader) task {
	table := new(bart.Table[uint32])
	for range input.word() {
		address, len, hop := input.address(), int(input.word()), input.word()
		table.Insert(netip.PrefixFrom(address, len), hop)
	}
	keys := make([]netip.Addr, input.word())
	for at := range keys {
		keys[at] = input.address()
	}
	hops := make([]uint32, len(keys))
	return task{len(keys), func(at, count int) int {
		found := 0
		for nth, key := range keys[at : at+count] {
			hop, isHit := table.Lookup(key)
			hops[at+nth] = hop
			if isHit {
				found++
			}
		}
		return found
	}}
}

// Little-endian words, and bytes.
type reader struct {
	rest []byte
}

func (input *reader) take(count int) []byte {
	taken := input.rest[:count]
	input.rest = input.rest[count:]
	return taken
}

func (input *reader) word() uint32 {
	return binary.LittleEndian.Uint32(input.take(4))
}

func (input *reader) address() netip.Addr {
	var bytes [4]byte
	binary.BigEndian.PutUint32(bytes[:], input.word())
	return netip.AddrFrom4(bytes)
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
