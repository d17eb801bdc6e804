fn main() -> std::process::ExitCode {
    qonduit_host::cli::main()
}
