// SPDX-License-Identifier: Apache-2.0

//! SHA-256 (FIPS 180-4, section 6.2), of filters: a few kilobytes, once.

use crate::Instruction;

#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
    0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
    0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
    0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
    0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
    0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
    0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
    0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The hash of a filter as it lies in memory.
pub fn of(filter: &[Instruction]) -> [u8; 32] {
    sum(filter.len() * 8, |at| {
        let i = &filter[at / 8];
        let (code, k) = (i.code.to_ne_bytes(), i.k.to_ne_bytes());
        [code[0], code[1], i.jt, i.jf, k[0], k[1], k[2], k[3]][at % 8]
    })
}

/// The hash of so many bytes.
fn sum(len: usize, byte: impl Fn(usize) -> u8) -> [u8; 32] {
    let blocks = (len + 8) / 64 + 1;
    let bits = (len as u64 * 8).to_be_bytes();
    let padded = |at: usize| match at {
        _ if at < len => byte(at),
        _ if at == len => 0x80,
        _ if at >= blocks * 64 - 8 => bits[at % 8],
        _ => 0,
    };
    let mut state = START;
    for block in 0..blocks {
        let mut words = [0; 16];
        for (i, word) in words.iter_mut().enumerate() {
            let at = block * 64 + i * 4;
            *word =
                u32::from_be_bytes([padded(at), padded(at + 1), padded(at + 2), padded(at + 3)]);
        }
        mix(&mut state, words);
    }
    let mut out = [0; 32];
    for (bytes, word) in out.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    out
}

/// Takes one block of 64 bytes into the state.
#[allow(clippy::many_single_char_names)] // the standard's
fn mix(state: &mut [u32; 8], mut w: [u32; 16]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (t, k) in K.iter().enumerate() {
        if t >= 16 {
            let (x, y) = (w[(t + 1) % 16], w[(t + 14) % 16]);
            let s0 = x.rotate_right(7) ^ x.rotate_right(18) ^ x >> 3;
            let s1 = y.rotate_right(17) ^ y.rotate_right(19) ^ y >> 10;
            let more = s0.wrapping_add(w[(t + 9) % 16]).wrapping_add(s1);
            w[t % 16] = w[t % 16].wrapping_add(more);
        }
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let one = h.wrapping_add(s1).wrapping_add((e & f) ^ (!e & g));
        let one = one.wrapping_add(*k).wrapping_add(w[t % 16]);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let two = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d.wrapping_add(one);
        d = c;
        c = b;
        b = a;
        a = one.wrapping_add(two);
    }
    for (word, more) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(more);
    }
}

#[cfg(test)]
mod tests {
    use super::sum;

    // The examples of FIPS 180-2, and lengths around a block's end against another program.
    #[test]
    fn known_hashes() {
        let abc = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        for (len, start) in [(0, 0xe3b0_c442), (3, 0xba78_16bf), (56, 0x248d_6a61)] {
            let hash = sum(len, |at| abc[at]);
            assert_eq!(hash[..4], u32::to_be_bytes(start), "{len} bytes");
        }
        for (len, start) in [
            (55, 0x9f43_90f8),
            (57, 0xf13b_2d72),
            (63, 0x7d3e_74a0),
            (64, 0xffe0_54fe),
            (65, 0x6353_61c4),
            (32_768, 0xb217_b65e),
        ] {
            assert_eq!(
                sum(len, |_| b'a')[..4],
                u32::to_be_bytes(start),
                "{len} bytes"
            );
        }
    }
}
