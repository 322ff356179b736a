//! Packets taken apart by etherparse and by smoltcp, layer by layer, into heddle's own records.
use std::slice;

const ETHERNET: u8 = 1;
const IPV4: u8 = 4;
const UDP: u8 = 7;
const VXLAN: u8 = 9;
const PAYLOAD: u8 = 10;

const VXLAN_PORTS: [u16; 3] = [4789, 8472, 6784];
const VXLAN_LEN: usize = 8;

/// A layer as ABI.md has it.
#[repr(C)]
pub struct Layer {
    kind: u8,
    depth: u8,
    status: i16,
    offset: u32,
    header_len: u32,
    len: u32,
}

/// Where a packet lies, from the beginning of memory.
#[repr(C)]
pub struct Piece {
    ptr: u32,
    len: u32,
}

/// The layers of one packet, as they are found.
struct Layers<'a> {
    packet: &'a [u8],
    out: &'a mut [Layer],
    count: usize,
    depth: u8,
}

impl Layers<'_> {
    #[inline(always)]
    fn push(&mut self, kind: u8, bytes: &[u8], header_len: usize) -> Option<()> {
        let offset = bytes.as_ptr() as usize - self.packet.as_ptr() as usize;
        let layer = self.out.get_mut(self.count)?;
        *layer = Layer {
            kind,
            depth: self.depth,
            status: 0,
            offset: offset as u32,
            header_len: header_len as u32,
            len: bytes.len() as u32,
        };
        self.count += 1;
        Some(())
    }

    /// The frame in a VXLAN datagram, or None behind another port or a header that says no.
    #[inline(always)]
    fn open_vxlan<'b>(&mut self, port: u16, payload: &'b [u8]) -> Option<&'b [u8]> {
        if !VXLAN_PORTS.contains(&port) || payload.len() < VXLAN_LEN || payload[0] & 8 == 0 {
            return None;
        }
        self.push(VXLAN, payload, VXLAN_LEN)?;
        self.depth += 1;
        Some(&payload[VXLAN_LEN..])
    }
}

mod with_etherparse {
    use super::*;
    use etherparse::{LinkSlice, NetSlice, SlicedPacket, TransportSlice};

    #[inline(always)]
    pub fn frame<'a, const SUMS: bool>(bytes: &'a [u8], layers: &mut Layers) -> Option<&'a [u8]> {
        let sliced = SlicedPacket::from_ethernet(bytes).ok()?;
        let Some(LinkSlice::Ethernet2(_)) = &sliced.link else {
            return None;
        };
        layers.push(ETHERNET, bytes, 14)?;
        let Some(NetSlice::Ipv4(ip)) = &sliced.net else {
            return None;
        };
        let header = ip.header();
        if SUMS && header.header_checksum() != header.to_header().calc_header_checksum() {
            return None;
        }
        let start = header.slice().as_ptr() as usize - bytes.as_ptr() as usize;
        layers.push(
            IPV4,
            &bytes[start..start + header.total_len() as usize],
            header.slice().len(),
        )?;
        let Some(TransportSlice::Udp(udp)) = &sliced.transport else {
            return None;
        };
        if SUMS && udp.checksum() != 0 {
            return None;
        }
        layers.push(UDP, udp.slice(), 8)?;
        let inner = layers.open_vxlan(udp.destination_port(), udp.payload());
        if inner.is_none() {
            layers.push(PAYLOAD, udp.payload(), 0)?;
        }
        inner
    }
}

mod with_smoltcp {
    use super::*;
    use smoltcp::wire::{EthernetFrame, EthernetProtocol, IpProtocol, Ipv4Packet, UdpPacket};

    #[inline(always)]
    pub fn frame<'a, const SUMS: bool>(bytes: &'a [u8], layers: &mut Layers) -> Option<&'a [u8]> {
        let ethernet = EthernetFrame::new_checked(bytes).ok()?;
        layers.push(ETHERNET, bytes, 14)?;
        if ethernet.ethertype() != EthernetProtocol::Ipv4 {
            return None;
        }
        let ip = Ipv4Packet::new_checked(ethernet.payload()).ok()?;
        if ip.version() != 4 || (SUMS && !ip.verify_checksum()) {
            return None;
        }
        let len = ip.total_len() as usize;
        layers.push(IPV4, &ethernet.payload()[..len], ip.header_len() as usize)?;
        if ip.next_header() != IpProtocol::Udp || ip.more_frags() || ip.frag_offset() != 0 {
            return None;
        }
        let udp = UdpPacket::new_checked(ip.payload()).ok()?;
        if SUMS && udp.checksum() != 0 {
            return None;
        }
        layers.push(UDP, &ip.payload()[..udp.len() as usize], 8)?;
        let inner = layers.open_vxlan(udp.dst_port(), udp.payload());
        if inner.is_none() {
            layers.push(PAYLOAD, udp.payload(), 0)?;
        }
        inner
    }
}

macro_rules! bulk {
    ($name:ident, $frame:path) => {
        /// Takes `count` packets apart, `cap` records for each. Returns: how many layers there are.
        ///
        /// # Safety
        /// Pieces and records lie at `base`, and so does what the pieces name.
        #[no_mangle]
        pub unsafe extern "C" fn $name(
            base: usize,
            pieces: u32,
            count: u32,
            out: u32,
            cap: u32,
        ) -> u32 {
            let pieces =
                slice::from_raw_parts((base + pieces as usize) as *const Piece, count as usize);
            let mut found = 0;
            for (at, piece) in pieces.iter().enumerate() {
                let packet = slice::from_raw_parts(
                    (base + piece.ptr as usize) as *const u8,
                    piece.len as usize,
                );
                let records = (base + out as usize) as *mut Layer;
                let out = slice::from_raw_parts_mut(records.add(at * cap as usize), cap as usize);
                let mut layers = Layers {
                    packet,
                    out,
                    count: 0,
                    depth: 0,
                };
                let mut bytes = packet;
                while let Some(inner) = $frame(bytes, &mut layers) {
                    bytes = inner;
                }
                found += layers.count as u32;
            }
            found
        }
    };
}

bulk!(etherparse_layers, with_etherparse::frame::<false>);
bulk!(etherparse_layers_and_sums, with_etherparse::frame::<true>);
bulk!(smoltcp_layers, with_smoltcp::frame::<false>);
bulk!(smoltcp_layers_and_sums, with_smoltcp::frame::<true>);
