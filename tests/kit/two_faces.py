"""Building an AES-GCM ciphertext that opens under two keys, to two texts: what no commitment to a key lets happen.

The arithmetic is that of NIST SP 800-38D. The tag is linear in each block of ciphertext, so that the difference between
the two tags of a message can be solved for one free block.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

__all__ = ["build_two_faced"]


def _multiply(x: int, y: int) -> int:
    """Multiply in GF(2^128); bit 0 is the leftmost (SP 800-38D, 6.3)."""
    product = 0
    for bit in range(128):
        if (x >> (127 - bit)) & 1:
            product ^= y
        y = (y >> 1) ^ (0xE1 << 120) if y & 1 else y >> 1
    return product


def _invert(x: int) -> int:
    """Raise to 2^128 - 2."""
    result, power = 1 << 127, x
    for _ in range(127):
        power = _multiply(power, power)
        result = _multiply(result, power)
    return result


def _aes(key: bytes, block: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def _blocks(content: bytes) -> list[int]:
    padded = content + bytes(-len(content) % 16)
    return [int.from_bytes(padded[i : i + 16], "big") for i in range(0, len(padded), 16)]


def _ghash(subkey: int, blocks: list[int]) -> int:
    total = 0
    for block in blocks:
        total = _multiply(total ^ block, subkey)
    return total


def build_two_faced(keys: tuple[bytes, bytes], texts: tuple[bytes, bytes], aad: bytes) -> bytes:
    """Return ciphertext and tag, nonce zero, that open under both keys.

    Block 0 comes out as `texts[0]` (16 bytes) under the first key, block 1 as `texts[1]` under the second; the third is
    the free one.
    """
    subkeys = [int.from_bytes(_aes(key, bytes(16)), "big") for key in keys]
    tag_masks = [int.from_bytes(_aes(key, bytes(12) + b"\x00\x00\x00\x01"), "big") for key in keys]
    streams = [_aes(keys[n], bytes(12) + (2 + n).to_bytes(4, "big")) for n in range(2)]
    known = b"".join(bytes(a ^ b for a, b in zip(texts[n], streams[n], strict=True)) for n in range(2))
    lengths = (len(aad) * 8 << 64) | (48 * 8)

    def tag(index: int, free: int) -> int:
        return _ghash(subkeys[index], [*_blocks(aad), *_blocks(known), free, lengths]) ^ tag_masks[index]

    squares = [_multiply(subkey, subkey) for subkey in subkeys]
    free = _multiply(tag(0, 0) ^ tag(1, 0), _invert(squares[0] ^ squares[1]))
    assert tag(0, free) == tag(1, free)
    return known + free.to_bytes(16, "big") + tag(0, free).to_bytes(16, "big")
