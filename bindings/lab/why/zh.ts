// The same in Chinese. Names of devices and words of the kernel stay as they are.
import type { Verdict } from "../trace/verdict.ts";

export const ZH: Readonly<Record<Verdict, readonly string[]>> = {
  send: [
    "**{app} 发包。**{dst} 不在 {net} 里，所以帧发给网关 {gw}，MAC 是 {mac}。",
    "**{app} 发包。**{dst} 不在 {net} 里，所以包发给网关 {gw}。",
    "**{app} 发包。**{dst} 最长匹配 {prefix}：经 {nh} 从 {dev} 出去。",
    "**{app} 发包。**{dst} 最长匹配 {prefix}：直接从 {dev} 出去。",
    "**{app} 发包**给 {dst}，从 {dev} 出去。",
    "**{app} 发包**，从 {dev} 出去。",
  ],
  "send-local": [
    "**{app} 发包。**{dst} 就在 {net} 里：帧直接发给它的 MAC {mac}。",
    "**{app} 发包。**{dst} 就在 {net} 里：包直接过去。",
    "**{app} 发包**给 {dst}，直接过去。",
    "**{app} 发帧**给 {mac}，原样发出。",
  ],
  "arp-ask": ["**{dev} 问谁是 {ip}。**邻居表里没有，包先等着。"],
  "arp-answer": ["**{dev} 应答。**{ip} 是它自己的地址，应答只发给一个 MAC。"],
  "arp-proxy": ["**{dev} 代答 {ip}。**邻居条目写着 {mac}，这个询问没有进底层网络。"],
  "arp-swallow": ["**{dev} 吞掉了询问。**没有 {ip} 的邻居条目：只上报 L3MISS，线上什么也没有。"],
  "arp-ignore": ["**{dev} 不作声。**它没有 {ip}：这个询问问的是别人。"],
  bridge: ["**{br} 转发。**转发表里 {mac} 在 {port} 后面。"],
  "bridge-up": [
    "**{br} 把帧交给上层。**{all} 指所有人，除来的口外只剩主机自己。",
    "**{br} 把帧交给上层。**{group} 是组地址，除来的口外只剩主机自己。",
    "**{br} 把帧交给上层。**{mac} 是它自己的 MAC，由主机的 IP 层处理。",
  ],
  flood: [
    "**{br} 泛洪。**{all} 指所有人：从 {n} 个口发出，不回 {port}。",
    "**{br} 泛洪。**{group} 是组地址：从 {n} 个口发出，不回 {port}。",
    "**{br} 泛洪。**还没学到 {mac}：从 {n} 个口发出，不回 {port}。",
    "**{br} 泛洪。**还没学到 {mac}：从 {n} 个口发出。",
  ],
  hub: ["**{hub} 照抄。**它没有表：{n} 个口各得一份。"],
  wire: ["**{dev} 传过去。**线只有两头，什么也不决定。"],
  route: [
    "**{host} 查路由。**{dst} 最长匹配 {prefix}：经 {nh} 从 {dev} 出去，TTL {ttl0} 变 {ttl1}。",
    "**{host} 查路由。**{dst} 最长匹配 {prefix}：直接从 {dev} 出去，TTL {ttl0} 变 {ttl1}。",
    "**{host} 查路由。**{dst} 最长匹配 {prefix}：从 {dev} 出去。",
  ],
  "encap-vxlan": [
    "**{dev} 把帧包了一层。**它的 FDB 说 {mac} 在 {vtep} 后面，所以 {n0} 字节从 {out} " +
      "出去时是 {n1} 字节：UDP 端口 {port}，VNI {vni}。",
  ],
  "encap-udp": ["**flanneld 把包装进 UDP。**租约 {subnet} 属于 {vtep}：{n0} 字节装进 UDP {port}。"],
  "encap-ipip": ["**{dev} 在 IP 外再套 IP。**路由的下一跳 {nh} 成了外层目的地址，多 20 字节。"],
  "encap-weave": [
    "**{dev} 把帧包了一层。**{mac} 是从对端 {peer} 听到的，所以 {n0} 字节发往 {vtep} " +
      "时是 {n1} 字节：UDP 端口 {port}。",
    "**{dev} 把帧包了一层。**{mac} 在 {vtep} 后面，所以 {n0} 字节出去时是 {n1} 字节：" +
      "UDP 端口 {port}。",
  ],
  decap: [
    "**{dev} 拆包。**端口 {port} 和 VNI {vni} 都是它的：{n0} 字节变回 {n1}，里面的帧没动。",
    "**{dev} 拆包。**端口 {port} 是它的：{n0} 字节变回 {n1}，里面没动。",
    "**{dev} 拆包。**外层目的地址是它的：{n0} 字节变回 {n1}，里面的包没动。",
  ],
  "tun-up": ["**内核经 {tun} 把包交给 flanneld**：内核态到用户态，拷贝一次。"],
  "tun-down": ["**flanneld 写入 {tun}**：用户态到内核态，拷贝一次，包在 IP 层重新开始。"],
  snat: [
    "**{host} 改写源地址。**{rule}：{a} 变成 {b}，回包会改回来。",
    "**{host} 改写源地址。**{a} 变成 {b}，回包会改回来。",
  ],
  dnat: ["**{host} 改写目的地址。**发布的端口 {p}：{a} 变成 {b}。"],
  unnat: ["**{host} 还原地址。**这条流记录在案：{b} 变回 {a}。"],
  deliver: [
    "**{host} 收下。**MAC 是我、IP 是我、{proto} {port}：{app} 收到，TTL {ttl}。",
    "**{host} 收下。**MAC 是我、IP 是我、{proto}：{app} 收到，TTL {ttl}。",
    "**{host} 收下。**MAC 是我、IP 是我、{proto}：协议栈收到，TTL {ttl}，接着回应。",
    "**{host} 收下。**{proto}：协议栈收进来了。",
    "**{host} 收下。**来的是给它的。",
  ],
  reply: [
    "**{host} 回应。**地址对调，TTL 从 {ttl} 重新开始。",
    "**{host} 回应。**地址对调，TTL 从 64 重新开始。",
  ],
  "icmp-error": ["**{host} 回报错误**：{type} 发给 {src}，附上原包开头。"],
  "link-fault": ["**链路{did}了这个帧**（种子 {seed}）。", "**链路{did}了这个帧**。"],
  "drop-no-fdb": [
    "**在 {dev} 丢弃。**FDB 里没有 {mac}，而 {dev} 不泛洪。",
    "**在 {dev} 丢弃。**没有条目说 {dst} 在哪里。",
  ],
  "drop-no-route": [
    "**在 {host} 丢弃。**没有路由匹配 {dst}，向 {src} 发 ICMP 网络不可达。",
    "**在 {host} 丢弃。**没有路由匹配 {dst}。",
  ],
  "drop-no-neigh": [
    "**在 {dev} 丢弃。**问了三次 {ip} 没有应答，向 {src} 发 ICMP 主机不可达。",
    "**在 {dev} 丢弃。**没有 {ip} 的邻居条目，也没有应答。",
  ],
  "drop-ttl": ["**在 {host} 丢弃。**TTL 要到 0 了，向 {src} 发 ICMP 超时。"],
  "drop-ttl-quiet": ["**被 flanneld 丢弃。**TTL 到 0，flannel 的代理不作声。"],
  "drop-mac": ["**在 {dev} 丢弃。**{mac} 不是我。"],
  "drop-ip": [
    "**在 {host} 丢弃。**{dst} 不是我，而且 ip_forward 是 0。",
    "**在 {host} 丢弃。**地址不是我，而且 ip_forward 是 0。",
  ],
  "drop-vni": ["**在 {dev} 丢弃。**帧里 VNI 是 {a}，设备是 {b}。"],
  "drop-reserved": ["**在 {dev} 丢弃。**VXLAN 保留位是 1：Linux 拒收，RFC 7348 说忽略。"],
  "drop-csum": [
    "**在 {host} 丢弃。**{layer} 校验和写的是 {a}，算出来是 {b}。",
    "**在 {host} 丢弃。**有一处校验和与字节算出来的不符。",
  ],
  "drop-fcs": ["**被网卡丢弃。**CRC-32 不符：路上翻了一位。"],
  "drop-mtu": ["**在 {dev} 丢弃。**{n} 字节放不进 {mtu}，又设了 DF，向 {src} 发 ICMP 3/4。"],
  "drop-mtu-quiet": [
    "**在 {dev} 丢弃。**{n} 字节放不进 {mtu}，又没人告诉发送方：MTU 黑洞。",
    "**在 {dev} 丢弃。**{n} 字节放不下，又没人告诉发送方：MTU 黑洞。",
  ],
  "drop-port": [
    "**{host} 拒绝。**没人监听 {proto} {port}：回 {answer}。",
    "**{host} 拒绝。**没人监听 {proto} {port}。",
  ],
  "drop-same-port": ["**{br} 不转发。**{mac} 就在来的口 {port} 后面。"],
  "drop-rule": ["**被 {chain} 丢弃。**第 {n} 条：{rule}。", "**被 {chain} 丢弃。**{rule}。"],
  "drop-peer": ["**在 {dev} 丢弃。**{src} 没有租约，不能当 VTEP。"],
  "drop-loss": ["**在链路 {link} 上丢了**（种子 {seed}）。", "**在链路 {link} 上丢了**。"],
  "drop-martian": ["**在 {dev} 丢弃。**从这里进来的包，源地址不可能是 {src}。"],
  "drop-down": ["**在 {dev} 丢弃。**{dev} 没有启用，启用之前什么也过不去。"],
  "drop-malformed": [
    "**在 {host} 丢弃。**{layer} 头部对不上：{reason}。",
    "**在 {host} 丢弃。**{layer} 头部对不上。",
    "**在 {host} 丢弃。**有一层头部和字节对不上：{reason}。",
    "**在 {host} 丢弃。**有一层头部和字节对不上。",
  ],
  "drop-other": ["**在 {host} 丢弃。**核心给的原因是 {reason}。"],
  "refuse-route": ['**内核拒绝这条路由。**{gw} 不在直连网段："Nexthop has invalid gateway"。'],
};

/** What a link did, by the word that English has for it. */
export const FAULTS: Readonly<Record<string, string>> = {
  duplicated: "复制",
  reordered: "打乱",
  corrupted: "损坏",
  delayed: "推迟",
};
