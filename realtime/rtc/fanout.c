/* One packet to many viewers: numbered, encrypted and sent for each, as `Leg.put` and `Wire.send` do in Python.
 *
 * Memory: `legs` has `count` entries and `payload` has `size` bytes, which the caller holds until we return. Nothing is allocated and
 * nothing is kept. A packet is built in `out`; `size` is checked against it before anything is copied. `srtp` belongs to a session
 * that the caller keeps alive while its leg is in the array, and `protect` writes at most TRAILER bytes behind the packet (RFC 3711
 * and libsrtp's SRTP_MAX_TRAILER_LEN).
 */
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define HEADER 12
#define TRAILER 144
#define MOST 1500

typedef int (*protect_t)(void *srtp, void *packet, int *size);

struct leg {
    void *srtp;
    uint64_t packets, payload_bytes, sent, sent_bytes, refused;
    uint32_t ssrc;
    int32_t fd;
    uint32_t address_size;
    uint16_t shift;
    uint8_t payload_type;
    uint8_t spare;
    uint8_t address[28]; /* a sockaddr_in or sockaddr_in6 */
};

static void put_16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put_32(uint8_t *at, uint32_t value)
{
    put_16(at, value >> 16);
    put_16(at + 2, value);
}

/* What Python checks its own idea of the structure against. */
int leg_size(void) { return (int)sizeof(struct leg); }

/* Returns 0, or -1 for a payload that does not fit, which nobody gets. */
int fanout(protect_t protect, struct leg *legs, int count, const uint8_t *payload, int size, uint16_t sequence, uint32_t timestamp, uint8_t marker)
{
    uint8_t out[MOST];
    if (size < 0 || size > MOST - HEADER - TRAILER || count < 0)
        return -1;
    for (int i = 0; i < count; i++) {
        struct leg *leg = &legs[i];
        int length = HEADER + size;
        if (leg->address_size > sizeof leg->address)
            return -1;
        out[0] = 0x80;
        out[1] = (uint8_t)((marker ? 0x80 : 0) | (leg->payload_type & 0x7f));
        put_16(out + 2, (uint32_t)sequence + leg->shift);
        put_32(out + 4, timestamp);
        put_32(out + 8, leg->ssrc);
        memcpy(out + HEADER, payload, (size_t)size);
        leg->packets++;
        leg->payload_bytes += (uint64_t)size;
        if (protect(leg->srtp, out, &length) != 0) {
            leg->refused++;
            continue;
        }
        if (sendto(leg->fd, out, (size_t)length, MSG_DONTWAIT, (const struct sockaddr *)leg->address, leg->address_size) < 0) {
            leg->refused++;
            continue;
        }
        leg->sent++;
        leg->sent_bytes += (uint64_t)length;
    }
    return 0;
}
