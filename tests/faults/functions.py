"""The functions that can be made to fail, and how each may. tests/faults/shim.c stands in for them."""

import errno

ANSWERS_NOTHING = [0]  # a pointer, or libpq's own way to say that something is wrong
NO_MEMORY, SERVER_DOWN, DECODING_ERROR = -10, -1, -4  # libldap's
FUNCTIONS = {
    "read": [errno.EIO], "pread": [errno.EIO, errno.EINTR], "write": [errno.ENOSPC], "open": [errno.EMFILE, errno.EIO],
    "open64": [errno.EMFILE], "fopen": [errno.EMFILE], "fopen64": [errno.EMFILE], "stat": [errno.EIO], "fstat": [errno.EIO],
    "fchmod": [errno.EPERM], "fsync": [errno.EIO], "rename": [errno.ENOSPC], "unlink": [errno.EACCES],
    "fwrite": [errno.ENOSPC], "fflush": [errno.ENOSPC], "fcntl": [errno.EMFILE], "fcntl64": [errno.EMFILE],
    "socket": [errno.EMFILE], "connect": [errno.ECONNREFUSED], "getaddrinfo": [-3],
    "send": [errno.ECONNRESET, errno.EINTR], "recv": [errno.ECONNRESET, 0, errno.EINTR], "poll": [errno.ENOMEM, errno.EINTR],
    "pipe": [errno.EMFILE], "pipe2": [errno.EMFILE], "eventfd": [errno.EMFILE], "timerfd_create": [errno.EMFILE], "timerfd_settime": [errno.EINVAL],
    "epoll_create": [errno.EMFILE], "epoll_create1": [errno.EMFILE], "epoll_ctl": [errno.ENOMEM], "epoll_wait": [errno.EINTR],
    "pthread_create": [errno.EAGAIN],
    **dict.fromkeys(("PQconnectdbParams", "PQexec", "PQexecParams", "PQgetResult", "PQgetCopyData", "PQputCopyData", "PQputCopyEnd",
                     "PQconsumeInput", "PQsendQuery", "PQgetCancel", "PQcancel", "PQsocket", "PQparameterStatus",
                     "PQresultErrorField", "PQescapeIdentifier", "PQescapeStringConn", "PQconninfoParse", "PQconndefaults"),
                    ANSWERS_NOTHING),
    "curl_global_init": [2], "curl_easy_init": ANSWERS_NOTHING, "curl_easy_setopt": [27], "curl_easy_getinfo": [27],
    "curl_easy_perform": [27, 7, 56], "curl_slist_append": ANSWERS_NOTHING,
    "ldap_initialize": [NO_MEMORY], "ldap_connect": [SERVER_DOWN], "ldap_set_option": [-1], "ldap_get_option": [-1],
    "ldap_start_tls_s": [-11], "ldap_sasl_bind": [SERVER_DOWN, NO_MEMORY], "ldap_search_ext": [SERVER_DOWN, NO_MEMORY],
    "ldap_result": [-1, 0], "ldap_parse_result": [DECODING_ERROR], "ldap_parse_intermediate": [DECODING_ERROR],
    "ldap_get_entry_controls": [DECODING_ERROR], "ldap_get_dn_ber": [DECODING_ERROR], "ldap_get_attribute_ber": [DECODING_ERROR],
    "ldap_abandon_ext": [SERVER_DOWN],
    "ber_init": ANSWERS_NOTHING, "ber_alloc_t": ANSWERS_NOTHING, "ber_flatten2": ANSWERS_NOTHING,
    "malloc": ANSWERS_NOTHING,
}
SILENT = {"fwrite", "fflush"}  # who cannot write cannot say so
