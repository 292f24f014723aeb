/* Preloaded into a server that can only listen on every address: what it binds there goes to loopback.
   With BOUND_PORT=file the IPv4 port that it got stands there, so that it may ask for port 0. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void tell(int fd)
{
    const char *path = getenv("BOUND_PORT");
    struct sockaddr_in bound;
    socklen_t length = sizeof bound;
    FILE *file;

    if (!path || getsockname(fd, (struct sockaddr *)&bound, &length))
        return;
    file = fopen(path, "w");
    if (!file)
        return;
    fprintf(file, "%d\n", ntohs(bound.sin_port));
    fclose(file);
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
    int (*next)(int, const struct sockaddr *, socklen_t);
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    *(void **)&next = dlsym(RTLD_NEXT, "bind");
    if (address->sa_family == AF_INET && length >= sizeof v4) {
        memcpy(&v4, address, sizeof v4);
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (next(fd, (struct sockaddr *)&v4, sizeof v4))
            return -1;
        tell(fd);
        return 0;
    }
    if (address->sa_family == AF_INET6 && length >= sizeof v6) {
        memcpy(&v6, address, sizeof v6);
        v6.sin6_addr = in6addr_loopback;
        return next(fd, (struct sockaddr *)&v6, sizeof v6);
    }
    return next(fd, address, length);
}
