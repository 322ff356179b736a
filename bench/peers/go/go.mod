module heddle.test/peers

go 1.25.0

require (
	github.com/gaissmai/bart v0.30.0
	github.com/gopacket/gopacket v1.7.7
)
